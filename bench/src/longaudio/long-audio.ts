import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { comparableWords, wordErrorRate } from '@app/contracts'
import { FatalError } from '@app/runtime'
import type { Servers } from '../contest/task.ts'
import { assess, type Measurement, type Metric } from '../report/assess.ts'
import type { Result } from '../run-rows.ts'
import type { BenchServers } from '../servers.ts'
import { startProvider } from './provider.ts'
import { type Reading, readPages, recordingOf, textOf } from './recording.ts'
import { type Transcribed, transcribeOnce } from './transcribe-once.ts'

export interface LongAudioOptions {
  /** Length of the recording that transcribers share. */
  hours: number
  /** With how many processes, one after the other. */
  processes: readonly number[]
  /** Length of the recording that is recognised whole and in parts. */
  wordErrorMinutes: number
  /** Of the shared recording's parts. */
  partMinutes: number
  only: string
  servers: BenchServers
}

const MOST_MEGABYTES = 200
const LEAST_SCALING = 3.2
const MOST_POINTS = 0.5
/** At least so many, of the recording whose words are counted. */
const WORD_ERROR_PARTS = 5
/** So that nothing is cut. */
const LONGEST_PART_MINUTES = 240

/** A long recording on one, two and four transcribers, and what cutting costs in words. */
export async function measureLongAudio(options: LongAudioOptions): Promise<Result[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scriptorium-bench-'))
  try {
    const reading = await readPages(directory)
    const rows = { recording: shareRecording, words: compareWords }
    const wanted = Object.entries(rows).filter(([title]) => title.includes(options.only))
    const results: Result[] = []
    for (const [, row] of wanted) results.push(...(await row(reading, { ...options, directory })))
    return results
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

type RowOptions = LongAudioOptions & { directory: string }

async function shareRecording(reading: Reading, options: RowOptions): Promise<Result[]> {
  const { hours, processes, partMinutes, directory } = options
  const recording = await recordingOf(reading, hours * 3_600_000, directory)
  const said = textOf(reading, recording)
  const runs = new Map<number, Transcribed>()
  for (const count of processes) {
    console.error(`measuring: ${hours} hours on ${count} transcribers`)
    // A new one each time: it would remember what it has heard.
    await using provider = await startProvider(reading)
    const env = { ...openai(provider), TRANSCRIBE_PART_MINUTES: String(partMinutes) }
    const servers = await options.servers.serversOf(`longaudio-${count}`)
    const run = await transcribeOnce(recording, { servers, processes: count, env, directory })
    refuseOtherWords(run, said)
    runs.set(count, run)
    console.error(`  ${run.seconds.toFixed(1)} s, ${run.partCount} parts`)
  }
  return [...scalingOf(hours, runs), ...memoryOf(hours, runs)]
}

/** Nothing is cached: the recording says the same over and over. */
function openai({ openaiBaseUrl, keys }: { openaiBaseUrl: string; keys: { openai: string } }) {
  return {
    ...{ TRANSCRIBE_PROVIDER: 'openai', OPENAI_BASE_URL: openaiBaseUrl, OPENAI_API_KEY: keys.openai },
    ...{ OPENAI_TRANSCRIBE_MODEL: 'whisper-1', PROVIDER_CACHE: 'off' },
  }
}

/** The provider mishears nothing, so that every word is there once, and in its place. */
function refuseOtherWords({ transcript }: Transcribed, said: string): void {
  const heard = transcript.segments.flatMap(({ words }) => words.map(({ text }) => text)).join(' ')
  const [expected, given] = [comparableWords(said), comparableWords(heard)]
  const wrong = expected.findIndex((word, index) => given[index] !== word)
  if (wrong < 0 && given.length === expected.length) return
  throw new FatalError(
    'bench-run-failed',
    `${given.length} words came of ${expected.length}; word ${wrong} is ${given[wrong]} and should be ${expected[wrong]}`,
  )
}

function scalingOf(hours: number, runs: ReadonlyMap<number, Transcribed>): Result[] {
  const alone = runs.get(1)
  const wall = (bars: Metric['bars'], name: string): Metric => ({
    name,
    key: 'seconds',
    unit: 's',
    better: 'lower',
    bars,
  })
  return [...runs].map(([count, { seconds, partCount }]) => {
    const title = `${hours} hours in ${partCount} parts on ${count} transcriber${count > 1 ? 's' : ''}, wall time`
    const realTime = { against: 'real time', ratio: 1, limit: hours * 3_600 }
    if (count === 1 || !alone) return measured(wall([realTime], title), { ours: [seconds] })
    const bar = { against: 'one transcriber', ratio: count === 4 ? 1 / LEAST_SCALING : 1 }
    return measured(wall([bar], title), { ours: [seconds], 'one transcriber': [alone.seconds] })
  })
}

function memoryOf(hours: number, runs: ReadonlyMap<number, Transcribed>): Result[] {
  const most = (of: 'ours' | 'tools') => [...runs.values()].map(({ memory }) => memory[of])
  const metric = (what: string): Metric => ({
    ...{ name: `${hours} hours, peak memory of ${what}`, key: 'megabytes', unit: 'MB', better: 'lower' },
    bars: [{ against: 'limit', ratio: 1, limit: MOST_MEGABYTES }],
  })
  return [
    measured(metric('a transcriber process'), { ours: [Math.max(...most('ours'))] }),
    measured(metric('a tool that it runs'), { ours: [Math.max(...most('tools'))] }),
  ]
}

/** The same recording through the offline recogniser, at once whole and cut: a core for each. */
async function compareWords(reading: Reading, options: RowOptions): Promise<Result[]> {
  const { directory, wordErrorMinutes } = options
  const recording = await recordingOf(reading, wordErrorMinutes * 60_000, directory)
  console.error(`measuring: ${wordErrorMinutes} minutes by PocketSphinx, whole and in parts`)
  const recognise = async (servers: Servers, partMinutes: number) => {
    const inside = await mkdtemp(path.join(directory, 'run-'))
    const env = { TRANSCRIBE_PROVIDER: 'offline', TRANSCRIBE_PART_MINUTES: String(partMinutes) }
    return await transcribeOnce(recording, { servers, processes: 1, env, directory: inside })
  }
  const serversOfWhole = await options.servers.serversOf('longaudio-whole')
  const serversOfParts = await options.servers.serversOf('longaudio-parts')
  const [whole, parts] = await Promise.all([
    recognise(serversOfWhole, LONGEST_PART_MINUTES),
    recognise(serversOfParts, wordErrorMinutes / WORD_ERROR_PARTS),
  ])
  const said = textOf(reading, recording)
  const percent = (run: Transcribed) => 100 * wordErrorRate(said, wordsOf(run))
  const metric: Metric = {
    ...{ name: `word error rate of ${wordErrorMinutes} minutes in ${parts.partCount} parts`, key: 'percent' },
    ...{ unit: '%', better: 'lower' },
    bars: [{ against: 'whole and half a point', ratio: 1, limit: percent(whole) + MOST_POINTS }],
  }
  return [measured(metric, { ours: [percent(parts)], whole: [percent(whole)] })]
}

function wordsOf({ transcript }: Transcribed): string {
  return transcript.segments.map(({ text }) => text).join(' ')
}

function measured(metric: Metric, runs: Record<string, number[]>): Result {
  const measurements: Measurement[] = assess(metric, runs)
  return { metric, measurements }
}
