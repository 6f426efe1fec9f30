import { rm } from 'node:fs/promises'
import { FatalError } from '@app/runtime'
import { deadlineMs } from './deadline.ts'
import { SHORTEST_SOUND_MS } from './judge-sound.ts'
import { measureMixes } from './measure-mixes.ts'
import { chooseMix, planGainDb, planMixes } from './plan-downmix.ts'
import { planDecode, planTimeline } from './plan-extraction.ts'
import { probeMedia } from './probe.ts'
import { readProgress } from './progress.ts'
import { undecodable } from './refusals.ts'
import { runPiped } from './run-tool.ts'
import { rangeMs, type SoundRange } from './speech-input.ts'
import { blamesTheFile, ToolFailure } from './tool-failure.ts'
import { wavDurationMs } from './wav-duration.ts'

export interface ExtractSpeechOptions {
  /** Default: the stream that `probeMedia` would choose. */
  streamIndex?: number | undefined
  /** On the file's timeline, as chapters are; default all of it. */
  startMs?: number | undefined
  endMs?: number | undefined
  /** Written anew; removed again on failure. */
  outPath: string
  signal?: AbortSignal | undefined
  /** Milliseconds of speech written so far. */
  onProgress?: ((doneMs: number) => void) | undefined
}

/**
 * Cuts a stretch of sound out as 16 kHz mono 16-bit WAV for a speech recogniser, exact to the sample.
 *
 * Position n in the output is `startMs` + n on the file's timeline: a late start and gaps become silence, so
 * words keep their times. Channels are measured first, so that no speech is lost in mixing (`chooseMix`),
 * and very quiet speech is raised. Throws FatalError `media-undecodable` where there is nothing to decode.
 */
export async function extractSpeech(
  filePath: string,
  options: ExtractSpeechOptions,
): Promise<{ durationMs: number }> {
  const { outPath, signal, onProgress, startMs, endMs } = options
  const probe = await probeMedia(filePath, { signal })
  const streamIndex = options.streamIndex ?? probe.audioStreamIndex
  const stream = probe.streams.find(({ index, kind }) => index === streamIndex && kind === 'audio')
  if (!stream)
    throw new FatalError('media-no-audio', `Found no sound stream ${streamIndex ?? ''} to extract.`)

  const range: SoundRange = { filePath, streamIndex: stream.index, startMs, endMs }
  const soundMs = endMs === undefined ? probe.headerDurationMs : rangeMs(range)
  const limits = { timeoutMs: deadlineMs({ bytes: probe.bytes, soundMs }), signal }
  const { take } = readProgress(onProgress && ((now) => onProgress(now.outputEndMs)))
  // What an earlier run left there must not pass for this one's.
  await rm(outPath, { force: true })
  try {
    const plan = planMixes(stream.channels ?? 1, stream.channelLayout)
    const { mix, loudness } = chooseMix(plan, await measureMixes(range, plan, limits))
    const decode = planDecode(range, plan, mix.pan, planGainDb(loudness))
    const place = planTimeline(range, outPath, soundMs)
    await runPiped(
      { command: 'ffmpeg', args: decode, ...limits },
      { command: 'ffmpeg', args: place, onStdoutLine: take, ...limits },
    )
    return { durationMs: await wavDurationMs(outPath) }
  } catch (thrown) {
    const durationMs = await partialDurationMs(thrown, outPath)
    if (durationMs >= SHORTEST_SOUND_MS) return { durationMs }
    await rm(outPath, { force: true })
    throw blamesTheFile(thrown) ? undecodable(thrown) : thrown
  }
}

/** As in `inspectMedia`: what was decoded before ffmpeg gave up is taken. */
async function partialDurationMs(thrown: unknown, outPath: string): Promise<number> {
  if (!(thrown instanceof ToolFailure) || thrown.reason !== 'exit') return 0
  return wavDurationMs(outPath).catch(() => 0)
}
