import { deadlineMs } from './deadline.ts'
import { FILE_TIMES, fileUrl, ONE_CHANNEL, QUIET, READ_ONLY_THIS } from './ffmpeg-args.ts'
import { readProgress } from './progress.ts'
import { runTool } from './run-tool.ts'
import { blamesTheFile, type ToolFailure } from './tool-failure.ts'

export interface SoundCount {
  /** Of the samples that were decoded, to the sixteenth of a millisecond; gaps don't count. */
  decodedMs: number
  /** Where the last of them lies, counted from the file's first timestamp; gaps and a late start count. */
  soundEndMs: number
  /** ffmpeg gave up, or printed errors on the way. What it decoded until then is counted. */
  failure?: ToolFailure
}

interface CountOptions {
  bytes: number
  headerDurationMs?: number | undefined
  signal?: AbortSignal | undefined
}

const RATE = 16_000
const BYTES_PER_MS = (RATE * 2) / 1000

/**
 * Decodes one sound stream to nowhere and says how much there was. Headers lie in both directions, so
 * prices, quotas and chapter ends come from here. Memory doesn't grow with length; an hour takes seconds.
 */
export async function countSound(
  filePath: string,
  streamIndex: number,
  { bytes, headerDurationMs, signal }: CountOptions,
): Promise<SoundCount> {
  const { progress, take } = readProgress()
  const failure = await runTool({
    command: 'ffmpeg',
    args: planCount(filePath, streamIndex),
    timeoutMs: deadlineMs({ bytes, soundMs: headerDurationMs }),
    onStdoutLine: take,
    signal,
  }).then(
    () => undefined,
    (thrown: unknown) => {
      if (blamesTheFile(thrown)) return thrown
      throw thrown
    },
  )
  const decodedMs = progress.outputBytes / BYTES_PER_MS
  return { decodedMs, soundEndMs: Math.max(decodedMs, progress.outputEndMs), ...(failure ? { failure } : {}) }
}

/**
 * Counts by the bytes of raw output at a fixed rate: ffmpeg's own clock counts gaps as sound, and is reset
 * by recordings that change their sample rate half-way.
 */
function planCount(filePath: string, streamIndex: number): string[] {
  return [
    ...QUIET,
    // Damaged frames are skipped; how many there were shows in the count.
    ...[...READ_ONLY_THIS, ...FILE_TIMES, '-max_error_rate', '1', '-i', fileUrl(filePath)],
    ...['-map', `0:${streamIndex}`, ...ONE_CHANNEL, '-ar', `${RATE}`, '-f', 's16le'],
    ...['-progress', 'pipe:1', '-stats_period', '5', '-y', 'file:/dev/null'],
  ]
}
