import { fileUrl, QUIET, REPORTING, seconds } from './ffmpeg-args.ts'
import { type ChannelPlan, planLayout, usualMix } from './plan-downmix.ts'
import { planInput, prerollMs, rangeMs, type SoundRange } from './speech-input.ts'

/** What PocketSphinx and Whisper work with; other providers resample to it. */
export const SPEECH_RATE = 16_000

/**
 * All in one go: measures how loud each mix would be, and writes the usual one. Right only for a recording that keeps its
 * sample rate and channels: where these change, ffmpeg builds all filters anew, and those of `placed` lose count.
 */
export function planOnePass(
  range: SoundRange,
  plan: ChannelPlan,
  { outPath, soundMs }: { outPath: string; soundMs?: number | undefined },
): string[] {
  const usual = `pan=mono|c0=${plan.mixes[usualMix(plan)]?.pan},aresample=${SPEECH_RATE},aformat=sample_fmts=s16`
  const heard = `[heard]${usual},${placed(range)}`
  const filters = `${planLayout(plan)}asplit[heard][measured];${planMeasuring(range, plan)};${heard}`
  return [...REPORTING, ...planInput(range), '-af', filters, ...toWav(outPath, soundMs)]
}

/** Of the stretch alone: a loud beginning that was read on the way says nothing of what is to be heard. */
function planMeasuring(range: SoundRange, { mixes }: ChannelPlan): string {
  const outputs = mixes.map(({ pan }, index) => `c${index}=${pan}`).join('|')
  const levels = 'astats=measure_perchannel=RMS_level+RMS_peak:measure_overall=none'
  const start = seconds(prerollMs(range))
  return `[measured]atrim=start=${start},pan=${mixes.length}c|${outputs},${levels},anullsink`
}

/**
 * The same in two runs, for what one can't do. First half: decode, mix, resample, and pass on with timestamps. Only
 * filters without a memory stand here: ffmpeg builds them anew whenever a recording changes its sample rate or
 * channels.
 */
export function planDecode(range: SoundRange, plan: ChannelPlan, pan: string, gainDb: number): string[] {
  const gain = gainDb === 0 ? '' : `,volume=${gainDb}dB`
  const filters = `${planLayout(plan)}pan=mono|c0=${pan}${gain},aresample=${SPEECH_RATE}`
  const output = ['-c:a', 'pcm_s16le', '-avoid_negative_ts', 'disabled', '-f', 'nut', 'pipe:1']
  return [...QUIET, ...planInput(range), '-af', filters, ...output]
}

/** Second half: put every sample at its time, silence where there is none, and cut by sample number. */
export function planTimeline(range: SoundRange, outPath: string, soundMs?: number): string[] {
  return [
    // Timestamps as they come: ffmpeg would move the first one to 0, and a late start would be lost.
    ...[...QUIET, '-copyts', '-protocol_whitelist', 'pipe', '-f', 'nut', '-i', 'pipe:0'],
    ...['-af', placed(range), ...toWav(outPath, soundMs)],
  ]
}

/** Every sample at its time, and the preroll cut off again. */
function placed(range: SoundRange): string {
  const perMs = SPEECH_RATE / 1000
  const first = prerollMs(range) * perMs
  const cut = `atrim=start_sample=${first}:end_sample=${first + rangeMs(range) * perMs}`
  return `aresample=${SPEECH_RATE}:async=1:first_pts=0,${cut},asetpts=N/SR/TB`
}

function toWav(outPath: string, soundMs?: number): string[] {
  return [
    ...['-c:a', 'pcm_s16le', '-map_metadata', '-1', '-fflags', '+bitexact'],
    ...['-progress', 'pipe:1', '-f', 'wav', ...planHeader(soundMs), '-y', fileUrl(outPath)],
  ]
}

/** A plain WAV header counts to 4 GB, which is 37 hours. */
const LONGEST_PLAIN_WAV_MS = 37 * 60 * 60_000

/** RF64 goes further, but its header isn't the 44 bytes that simple readers count on. */
function planHeader(soundMs = 0): string[] {
  return soundMs > LONGEST_PLAIN_WAV_MS ? ['-rf64', 'auto'] : []
}
