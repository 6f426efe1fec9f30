import { type AudiobookJobs, type Transcript, wordErrorRate } from '@app/contracts'
import { drawPhrase } from '../book/draw-phrase.ts'
import type { MadeChapter } from '../book/make-book.ts'
import type { ApiClient } from '../client/api-client.ts'
import { secondsPerStage } from './durations.ts'
import { type Outcome, placeOf, type SearchOutcome } from './outcome.ts'

interface CollectOptions {
  jobs: AudiobookJobs
  seconds: number
  seed: number
  /** What is truly said, where we know. */
  made: readonly MadeChapter[] | undefined
}

/** Asks the API for everything that became of the book. */
export async function collectOutcome(api: ApiClient, options: CollectOptions): Promise<Outcome> {
  const { jobs, seconds, seed, made } = options
  const book = await api.audiobook(jobs.audiobook_id)
  const transcripts: (Transcript | undefined)[] = []
  // One by one: a book may have thousands.
  for (const { id, transcript } of book.chapters)
    transcripts.push(transcript ? await api.transcript(id) : undefined)
  const chapters = book.chapters.map(({ title, duration_ms: durationMs }, index) => {
    const text = textOf(transcripts[index])
    const truth = made?.[index]?.text
    const rate = truth === undefined ? undefined : wordErrorRate(truth, text ?? '')
    return { title, durationMs, text, wordErrorRate: rate }
  })
  // Without the text a recording was made from, the transcript's own words are what can be asked for.
  const lines = made ?? transcripts.map((transcript) => ({ lines: transcript?.segments ?? [] }))
  const phrase = drawPhrase(lines, seed)
  const title = phrase && book.chapters[phrase.chapterIndex]?.title
  return {
    book,
    jobs,
    chapters,
    search:
      phrase &&
      (await searchAll(api, book.id, phrase.query, { chapter: title ?? '', startMs: phrase.startMs })),
    seconds,
    secondsPerStage: secondsPerStage(jobs.jobs),
  }
}

async function searchAll(
  api: ApiClient,
  audiobookId: string,
  query: string,
  expected: SearchOutcome['expected'],
): Promise<SearchOutcome> {
  const first = async (mode: 'both' | 'text' | 'vector') => {
    const { hits } = await api.search({ q: query, audiobook_id: audiobookId, mode })
    return placeOf(hits[0])
  }
  const [both, text, vector] = await Promise.all([first('both'), first('text'), first('vector')])
  return { query, expected, found: { both, text, vector } }
}

function textOf(transcript: Transcript | undefined): string | undefined {
  return transcript?.segments.map((segment) => segment.text).join(' ')
}
