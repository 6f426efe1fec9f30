import { rm, truncate, writeFile } from 'node:fs/promises'
import { type FoundSound, findSound, type SoundChoice } from './find-sound.ts'
import { SHORTEST_SOUND_MS } from './judge-sound.ts'
import { type MeasureOptions, measureMixes } from './measure-mixes.ts'
import { type ChannelPlan, chooseMix, planGainDb, planMixes, usualMix } from './plan-downmix.ts'
import { planDecode, planTimeline, SPEECH_RATE } from './plan-extraction.ts'
import { readProgress } from './progress.ts'
import { undecodable } from './refusals.ts'
import { runPiped } from './run-tool.ts'
import { rangeMs } from './speech-input.ts'
import { blamesTheFile, ToolFailure } from './tool-failure.ts'
import { wavDurationMs } from './wav-duration.ts'
import { wavHeader } from './wav-header.ts'

export interface ExtractSpeechOptions extends SoundChoice {
  /** Written anew; removed again on failure. */
  outPath: string
  /** Milliseconds of speech written so far; from 0 again where a second go is needed. */
  onProgress?: ((doneMs: number) => void) | undefined
}

/**
 * Cuts a stretch of sound out as 16 kHz mono 16-bit WAV for a speech recogniser.
 *
 * Position n in the output is `startMs` + n on the file's timeline: a late start and gaps become silence, so
 * words keep their times, and a stretch inside a gap is nothing else. It is as long as it is asked to be, to the sample, and
 * lies where it should to the sample in most formats; 1 to 10 ms beside it in those whose own times are that coarse
 * (Matroska, FLV, AVI, WMA, GSM). Channels are measured, so that no speech is lost in mixing (`chooseMix`),
 * and very quiet speech is raised. Throws FatalError `media-undecodable` where there is nothing to decode.
 */
export async function extractSpeech(
  filePath: string,
  options: ExtractSpeechOptions,
): Promise<{ durationMs: number }> {
  const { outPath, signal, onProgress } = options
  const { channels, channelLayout, timeoutMs, ...found } = await findSound(filePath, options)
  const { take: onStdoutLine } = readProgress(onProgress && ((now) => onProgress(now.outputEndMs)))
  const run = { outPath, soundMs: found.soundMs, timeoutMs, signal, onStdoutLine }
  // What an earlier run left there must not pass for this one's.
  await rm(outPath, { force: true })
  try {
    await writeSpeech(found, planMixes(channels, channelLayout), run)
    return { durationMs: await wavDurationMs(outPath) }
  } catch (thrown) {
    const durationMs = await partialDurationMs(thrown, outPath)
    if (durationMs >= SHORTEST_SOUND_MS) return { durationMs }
    await rm(outPath, { force: true })
    throw blamesTheFile(thrown) ? undecodable(thrown) : thrown
  }
}

/**
 * Measuring writes the usual mix as well, and most recordings need nothing else. Those that do are decoded once more:
 * they are mixed otherwise or raised, change their format half-way, or broke off.
 */
async function writeSpeech(
  { range, isInside }: Pick<FoundSound, 'range' | 'isInside'>,
  plan: ChannelPlan,
  run: MeasureOptions,
): Promise<void> {
  const { outPath, soundMs, timeoutMs, signal, onStdoutLine } = run
  const measured = await measureMixes(range, plan, run)
  if (measured.isEmpty && isInside) return await writeSilence(outPath, rangeMs(range))
  const { mix, loudness } = chooseMix(plan, measured.loudness)
  const gainDb = planGainDb(loudness)
  if (measured.isWhole && mix === plan.mixes[usualMix(plan)] && gainDb === 0) return
  await rm(outPath, { force: true })
  const decode = planDecode(range, plan, mix.pan, gainDb)
  const place = planTimeline(range, outPath, soundMs)
  await runPiped(
    { command: 'ffmpeg', args: decode, timeoutMs, signal },
    { command: 'ffmpeg', args: place, timeoutMs, signal, onStdoutLine },
  )
}

/** Takes no room on the disk: what lies behind the header is a hole. */
async function writeSilence(outPath: string, durationMs: number): Promise<void> {
  const dataBytes = durationMs * (SPEECH_RATE / 1000) * 2
  const header = wavHeader({ sampleRate: SPEECH_RATE, dataBytes })
  await writeFile(outPath, header)
  await truncate(outPath, header.length + dataBytes)
}

/** As in `inspectMedia`: what was decoded before ffmpeg gave up is taken. */
async function partialDurationMs(thrown: unknown, outPath: string): Promise<number> {
  if (!(thrown instanceof ToolFailure) || thrown.reason !== 'exit') return 0
  return wavDurationMs(outPath).catch(() => 0)
}
