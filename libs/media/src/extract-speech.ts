import { open, rm } from 'node:fs/promises'
import { FatalError } from '@app/runtime'
import { deadlineMs } from './deadline.ts'
import { fileUrl, QUIET } from './ffmpeg-args.ts'
import { measureMixes, planLayout } from './measure-channels.ts'
import { type ChannelPlan, chooseMix, planGainDb, planMixes } from './plan-downmix.ts'
import { probeMedia } from './probe.ts'
import { readProgress } from './progress.ts'
import { runPiped } from './run-tool.ts'
import { planInput, prerollMs, rangeMs, type SoundRange } from './speech-input.ts'
import { blamesTheFile } from './tool-failure.ts'

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

/** What PocketSphinx and Whisper work with; providers resample to it anyway. */
const RATE = 16_000
const BYTES_PER_MS = (RATE * 2) / 1000

/**
 * Cuts a stretch of sound out as 16 kHz mono 16-bit WAV for a speech recogniser, exact to the sample.
 *
 * Position n in the output is `startMs` + n on the file's timeline: a late start and gaps become silence, so
 * words keep their times. Channels are measured first, so that no speech is lost in mixing (`chooseMix`),
 * and very quiet speech is raised. Throws FatalError `media-undecodable` where nothing could be decoded.
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
    throw new FatalError('media-no-audio', `Found no sound stream ${streamIndex ?? ''} in the file.`)

  const range: SoundRange = { filePath, streamIndex: stream.index, startMs, endMs }
  const soundMs = endMs === undefined ? probe.headerDurationMs : rangeMs(range)
  const limits = { timeoutMs: deadlineMs({ bytes: probe.bytes, soundMs }), signal }
  const { take } = readProgress(onProgress && ((now) => onProgress(now.outputEndMs)))
  try {
    const plan = planMixes(stream.channels ?? 1, stream.channelLayout)
    const { mix, loudness } = chooseMix(plan, await measureMixes(range, plan, limits))
    const decode = {
      command: 'ffmpeg',
      args: planDecode(range, plan, mix.pan, planGainDb(loudness)),
      ...limits,
    }
    await runPiped(decode, {
      command: 'ffmpeg',
      args: planTimeline(range, outPath),
      onStdoutLine: take,
      ...limits,
    })
    return { durationMs: await wavDurationMs(outPath) }
  } catch (thrown) {
    await rm(outPath, { force: true })
    if (!blamesTheFile(thrown)) throw thrown
    throw new FatalError('media-undecodable', 'The sound in this file cannot be decoded.', { cause: thrown })
  }
}

/**
 * First half: decode, mix, resample, and pass on with timestamps. Only filters without a memory stand here:
 * ffmpeg builds them anew whenever a recording changes its sample rate or channels.
 */
export function planDecode(range: SoundRange, plan: ChannelPlan, pan: string, gainDb: number): string[] {
  const gain = gainDb === 0 ? '' : `,volume=${gainDb}dB`
  const filters = `${planLayout(plan)}pan=mono|c0=${pan}${gain},aresample=${RATE}`
  const output = ['-c:a', 'pcm_s16le', '-avoid_negative_ts', 'disabled', '-f', 'nut', 'pipe:1']
  return [...QUIET, ...planInput(range), '-af', filters, ...output]
}

/** Second half: put every sample at its time, silence where there is none, and cut by sample number. */
export function planTimeline(range: SoundRange, outPath: string): string[] {
  const perMs = RATE / 1000
  const first = prerollMs(range) * perMs
  const cut = `atrim=start_sample=${first}:end_sample=${first + rangeMs(range) * perMs}`
  const filters = `aresample=${RATE}:async=1:first_pts=0,${cut},asetpts=N/SR/TB`
  return [
    // Timestamps as they come: ffmpeg would move the first one to 0, and a late start would be lost.
    ...[...QUIET, '-copyts', '-protocol_whitelist', 'pipe', '-f', 'nut', '-i', 'pipe:0'],
    ...['-af', filters, '-c:a', 'pcm_s16le', '-map_metadata', '-1', '-fflags', '+bitexact'],
    ...['-progress', 'pipe:1', '-f', 'wav', '-rf64', 'auto', '-y', fileUrl(outPath)],
  ]
}

/** From the number of samples in the file, not from anyone's clock. */
async function wavDurationMs(wavPath: string): Promise<number> {
  await using file = await open(wavPath, 'r')
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
  const dataAt = buffer.subarray(0, bytesRead).indexOf('data')
  return dataAt < 0 ? 0 : Math.round(Math.max(0, size - dataAt - 8) / BYTES_PER_MS)
}
