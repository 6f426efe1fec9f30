import { appendFile, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { runTool, ToolFailure } from '@app/media'
import { FatalError } from '@app/runtime'
import { FRAME_MS } from '../plan/frame-loudness.ts'
import { planProgress, type Span } from '../plan/plan-speech-spans.ts'

interface Recording {
  path: string
  /** Bytes before the first sample. */
  dataOffset: number
  spans: readonly Span[]
  /** An empty directory of the caller's, who removes it. */
  workDir: string
}

/** How thoroughly it searches. */
export const EFFORTS = ['full', 'fast', 'draft'] as const
export type Effort = (typeof EFFORTS)[number]

interface Watch {
  effort: Effort
  signal: AbortSignal
  /** From 0 to 1 of the speech, never backwards. */
  onProgress: (progress: number) => void
}

const COMMAND = 'pocketsphinx_batch'
const SOUND = 'sound'
/** Of a disk: larger than its blocks, of which the last one written may have some left. */
const ROOM_BYTES = 65_536
/** Alone on a core it needs a sixth of real time: only something stuck takes sixty times as long. */
const TIMEOUT_PER_SPEECH_MS = 10
const TIMEOUT_BASE_MS = 120_000
/** Logged as each span begins; PocketSphinx 5 keeps it to itself, and progress then comes at the end only. */
const SPAN_BEGINS = /Decoding '(\d+),/

/**
 * Trusts the sound a little more than by default (6.5, 8.5, 9.5): books speak unlike the news the language
 * model was made from. Word error rates of flite's voices on fiction (slt, rms; again on 862 words that were
 * not looked at while choosing), LibriVox, and Harvard sentences with JFK:
 *   pocketsphinx_continuous     0.21 0.18   -           0.31   0.36
 *   batch over our spans        0.17 0.14   0.24 0.15   0.31   0.26
 *   batch with these weights    0.15 0.13   0.23 0.14   0.23   0.28
 * Wider beams, more Gaussians and no lookahead cost half as much again and win nothing that lasts; narrower
 * beams, a weight of 8 and no noise removal lose. -cmn, -dither, longer or shorter spans change nothing.
 */
const WEIGHTS = ['-lw', '6', '-fwdflatlw', '8', '-bestpathlw', '8.5']

/**
 * Follows at most so many states in a frame, by default 30,000: takes 0.66 of the time. Of 58 recordings 34 keep every
 * word, flite's, LibriVox and the Harvard sentences among them; a noisy speech of 1961 in many codecs has word error
 * rates of 0.69 either way, a hundredth more. With 3,000 words are lost everywhere.
 */
const FULL = ['-maxhmmpf', '5000']

/**
 * One pass instead of two, Gaussians chosen for every second frame only, and fewer states. CPU time, with the model's
 * loading, and word error rates of ten sounds (two minutes in all): flite's voices on Moby-Dick, four LibriVox sentences,
 * a Harvard sentence with Kennedy's speech of 1961, the same speech through two narrow codecs:
 *   full                        1      0.12   0.21   0.21   0.57
 *   one pass, 3,000 states      0.61   0.12   0.22   0.17   0.59
 *   one pass, 2,000 states      0.5    0.12   0.30   0.45   0.59
 *   one pass, 1,500 states      0.45   0.11   0.30   0.45   0.66
 * Below 3,000 states only flite is heard as well. Two Gaussians instead of four, narrower beams, and no search of the
 * lattice for the best path lose more than they save.
 */
const FAST = ['-maxhmmpf', '3000', '-fwdflat', 'no', '-ds', '2']

/**
 * As `fast`, but with so few states that it takes about half its time. Measured later than those, on 12 sentences of flite,
 * five of LibriVox, Harvard sentences, and Kennedy's speech in five codecs, word error rates (and CPU time of `fast`):
 *   fast                        1      0.17   0.22   0.39   0.48
 *   2,000 states                0.8    0.17   0.30   0.39   0.59
 *   1,000 states                0.55   0.19   0.30   0.39   0.74
 * Enough to see what clear speech is about, and no more.
 */
const DRAFT = ['-maxhmmpf', '1000', '-fwdflat', 'no', '-ds', '2']

const SEARCH: Readonly<Record<Effort, readonly string[]>> = { full: FULL, fast: FAST, draft: DRAFT }

/**
 * Recognises spans of a WAV in one run of `pocketsphinx_batch`; answers its CTM text, with times from the
 * start of the recording.
 *
 * Why batch and not pocketsphinx_continuous: it takes our spans, so its voice detector can't swallow the
 * starts of words, no silence is decoded, and each span is normalised by all of itself.
 */
export async function recogniseSpans(
  recording: Recording,
  { effort, signal, onProgress }: Watch,
): Promise<string> {
  const { spans, workDir } = recording
  if (spans.length === 0) return ''

  const progressAt = planProgress(spans)
  const ctmPath = join(workDir, 'words.ctm')
  await writeInputs(recording)
  const onStderrLine = (line: string) => {
    const began = SPAN_BEGINS.exec(line)?.[1]
    if (began !== undefined) onProgress(progressAt(Number(began)))
  }
  await runTool({
    command: COMMAND,
    args: [...SEARCH[effort], ...batchArgs(recording, ctmPath)],
    timeoutMs: deadlineMs(spans),
    signal,
    onStderrLine,
  }).catch(explain)
  // On a full disk it ends well, without the words that found no room. Where more finds room, they did.
  await appendFile(ctmPath, `\n${' '.repeat(ROOM_BYTES)}`)
  return readFile(ctmPath, 'utf8')
}

/** A control file splits at spaces: a link gives the recording a name without any, whatever its path is. */
async function writeInputs({ path, spans, workDir }: Recording): Promise<void> {
  await symlink(resolve(path), join(workDir, `${SOUND}.wav`))
  await writeFile(join(workDir, 'spans.ctl'), spans.map(controlLine).join(''))
}

/** `file startFrame endFrame name,channel,_,startS`: the last is added to every time of the span. */
function controlLine({ startMs, endMs }: Span, index: number): string {
  return `${SOUND} ${startMs / FRAME_MS} ${endMs / FRAME_MS} ${index},1,0,${(startMs / 1000).toFixed(2)}\n`
}

/** No model is named: its own defaults find it where each distribution put it. */
function batchArgs({ dataOffset, workDir }: Recording, ctmPath: string): string[] {
  const sound = ['-adcin', 'yes', '-adchdr', String(dataOffset), '-cepdir', workDir, '-cepext', '.wav']
  return [...WEIGHTS, ...sound, '-ctl', join(workDir, 'spans.ctl'), '-ctm', ctmPath]
}

function deadlineMs(spans: readonly Span[]): number {
  const speechMs = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
  return TIMEOUT_BASE_MS + speechMs * TIMEOUT_PER_SPEECH_MS
}

function explain(cause: unknown): never {
  if (!(cause instanceof ToolFailure) || cause.reason !== 'missing') throw cause
  throw new FatalError(
    'recogniser-missing',
    `${COMMAND} is not installed (Debian, Ubuntu: apt-get install pocketsphinx pocketsphinx-en-us)`,
    { cause },
  )
}
