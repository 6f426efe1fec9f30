import { REPORTING, seconds } from './ffmpeg-args.ts'
import { findSound, type SoundChoice } from './find-sound.ts'
import { undecodable } from './refusals.ts'
import { runTool } from './run-tool.ts'
import { planInput, prerollMs, type SoundRange } from './speech-input.ts'
import { blamesTheFile } from './tool-failure.ts'

/** A stretch without sound. Times count from `startMs`, or from the file's start where there is none. */
export interface Silence {
  startMs: number
  endMs: number
}

export interface DetectSilenceOptions extends SoundChoice {
  /** All channels below this are silent. Speech raised by `extractSpeech` stays far above −50. */
  belowDb?: number
  /** Shorter pauses belong to speech. */
  atLeastMs?: number
}

/** An hour has some hundred pauses of a second; a million lines would be an attack on memory. */
const MAX_SILENCES = 100_000

/**
 * Finds the silent stretches of a recording, in order, so that a recogniser can be spared them: it takes as
 * long for silence as for speech, and makes words up in it. Two hours of silence take seconds.
 */
export async function detectSilence(
  filePath: string,
  options: DetectSilenceOptions = {},
): Promise<Silence[]> {
  const { range, timeoutMs } = await findSound(filePath, options)
  const { silences, take } = readSilences()
  try {
    await runTool({
      command: 'ffmpeg',
      args: planSilence(range, options),
      timeoutMs,
      signal: options.signal,
      onStderrLine: take,
    })
  } catch (cause) {
    throw blamesTheFile(cause) ? undecodable(cause) : cause
  }
  return silences
}

export function planSilence(
  range: SoundRange,
  { belowDb = -50, atLeastMs = 2000 }: DetectSilenceOptions,
): string[] {
  // What was read before the range only warms the decoder up; cutting shifts no timestamps, `asetpts` does.
  const cut = `atrim=start=${seconds(prerollMs(range))},asetpts=PTS-${seconds(prerollMs(range))}/TB`
  const filters = `${cut},silencedetect=noise=${belowDb}dB:duration=${seconds(atLeastMs)}`
  return [...REPORTING, ...planInput(range), '-af', filters, '-f', 'null', '-y', 'pipe:1']
}

/** Reads silencedetect's lines; a start without an end (nothing follows) is never reported alone. */
export function readSilences() {
  const silences: Silence[] = []
  let startMs: number | undefined
  return {
    silences,
    take(line: string) {
      const start = /silence_start: (-?[\d.e+-]+)/.exec(line)
      const end = /silence_end: (-?[\d.e+-]+)/.exec(line)
      if (start) startMs = Math.max(0, Math.round(Number(start[1]) * 1000))
      if (!end || startMs === undefined) return
      const endMs = Math.round(Number(end[1]) * 1000)
      if (endMs > startMs && silences.length < MAX_SILENCES) silences.push({ startMs, endMs })
      startMs = undefined
    },
  }
}
