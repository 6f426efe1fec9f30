import { statSync } from 'node:fs'
import { AudiobookEvent, wordErrorRate } from '@app/contracts'
import { hasFlite } from '@app/media'
import { realPostgres, testDatabase } from '@app/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawPhrase } from '../scripts/demo/book/draw-phrase.ts'
import { type MadeBook, makeBook } from '../scripts/demo/book/make-book.ts'
import type { FileToSend } from '../scripts/demo/client/api-client.ts'
import { followBook } from '../scripts/demo/client/follow-book.ts'
import { sendBook } from '../scripts/demo/client/send-book.ts'
import { DEMO_TEXT } from '../scripts/demo/text.ts'
import { finishedBook } from './finished-book.ts'
import { type StackUnderTest, stackUnderTest } from './running-stack.ts'
import { SHORT_TEXT } from './short-text.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const canSpeak = await hasFlite()

describe.skipIf(!canSpeak)('the demo book, with everything embedded (needs ffmpeg with flite)', () => {
  let stack: StackUnderTest
  let made: MadeBook
  let bookId: string
  let firstEventId: string | undefined
  beforeAll(async () => {
    stack = await stackUnderTest()
    made = await makeBook(DEMO_TEXT, { directory: stack.workFolder('demo') })
    bookId = (await sendBook(stack.api, made)).audiobook_id
    for await (const event of stack.api.events(bookId)) {
      firstEventId = event.id
      break
    }
    for await (const _ of followBook(stack.api, bookId));
  })
  afterAll(() => stack?.[Symbol.asyncDispose]())

  it('is finished by eight jobs, none of which failed', async () => {
    const jobs = await stack.api.jobs(bookId)

    expect(jobs).toMatchObject({ total_jobs: 8, completed_jobs: 8, failed_jobs: 0, progress: 1 })
    expect(jobs.overall_status).toBe('completed')
    expect(jobs.jobs.map(({ job_type }) => job_type).sort()).toEqual([
      'embed',
      'embed',
      'embed',
      'summarize',
      'tag',
      'transcribe',
      'transcribe',
      'transcribe',
    ])
  })

  it('has the chapters, title and author that the file names', async () => {
    const book = await stack.api.audiobook(bookId)

    expect(book).toMatchObject({ title: made.title, author: made.author, status: 'completed' })
    expect(book.chapters.map(({ title }) => title)).toEqual(made.chapters.map(({ title }) => title))
    for (const [index, chapter] of book.chapters.entries()) {
      expect(Math.abs(chapter.duration_ms - (made.chapters[index]?.durationMs ?? 0))).toBeLessThan(100)
    }
  })

  it('is transcribed with at most 35 % of the words wrong', async () => {
    const { chapters } = await finishedBook(stack.api, bookId)

    const rates = chapters.map(({ text }, index) => wordErrorRate(made.chapters[index]?.text ?? '', text))

    expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeLessThanOrEqual(0.35)
  })

  it('has a summary and tags, and says who made them', async () => {
    const { summary, tags } = await stack.api.audiobook(bookId)

    expect(summary).toMatchObject({ text: expect.stringMatching(/\w{3}/), provider: 'local' })
    expect(tags).toMatchObject({ provider: 'local' })
    expect(tags?.tags.length).toBeGreaterThan(0)
  })

  describe.each(['text', 'vector'] as const)('searched by %s alone', (mode) => {
    it.each(SEEDS)('says within three seconds where the phrase of seed %i is', async (seed) => {
      const phrase = drawPhrase(made.chapters, seed)

      const { hits } = await stack.api.search({ q: phrase?.query ?? '', audiobook_id: bookId, mode })

      const [best] = hits
      expect(best?.chapter.position).toBe((phrase?.chapterIndex ?? 0) + 1)
      expect(Math.abs((best?.start_ms ?? Infinity) - (phrase?.startMs ?? 0))).toBeLessThanOrEqual(3_000)
    })
  })

  it('plays: the media address answers with the bytes asked for, without a token', async () => {
    const [chapter] = (await stack.api.audiobook(bookId)).chapters

    const answer = await fetch(chapter?.media_url ?? '', { headers: { range: 'bytes=4-7' } })

    expect(answer.status).toBe(206)
    expect(await answer.text()).toBe('ftyp')
  })

  it('tells a client that comes back what it missed, with the event stream gone from Redis', async () => {
    const redis = new Redis(stack.running.stack.redis_url)
    await redis.del('audiobook:events')
    redis.disconnect()

    const [event] = await firstOf(stack.api.events(bookId, firstEventId))

    const missed = AudiobookEvent.parse(JSON.parse(event?.data ?? ''))
    expect(event?.name).toBe('changed')
    expect(missed).toMatchObject({ completed_jobs: 8, overall_status: 'completed' })
    expect(missed.jobs.map(({ status }) => status)).toEqual(Array(8).fill('completed'))
  })

  it('is gone with all its files once it is deleted', async () => {
    await stack.api.deleteAudiobook(bookId)

    await expect(stack.api.audiobook(bookId)).rejects.toMatchObject({ status: 404 })
    expect(stack.storedFiles()).toEqual([])
  })

  it('needs four jobs where there is one chapter', async () => {
    const [chapter] = SHORT_TEXT.chapters
    const one = { ...SHORT_TEXT, chapters: chapter ? [chapter] : [] }
    const book = await makeBook(one, { directory: stack.workFolder('one') })

    const created = await sendBook(stack.api, book)

    expect(created).toMatchObject({ jobs_created: 4, total_jobs: 4 })
    expect((await finishedBook(stack.api, created.audiobook_id)).jobs).toMatchObject({ completed_jobs: 4 })
    await stack.api.deleteAudiobook(created.audiobook_id)
  })

  it('leaves no file of an upload that is deleted', async () => {
    const file = made.files[0] as FileToSend
    const bytes = statSync(file.path).size
    const { upload_id } = await stack.api.createUpload({
      upload_type: 'single',
      total_files: 1,
      total_size_bytes: bytes,
    })
    await stack.api.sendFile(upload_id, file)
    expect(stack.storedFiles()).not.toEqual([])

    await stack.api.deleteUpload(upload_id)

    expect(stack.storedFiles()).toEqual([])
  })
})

describe.skipIf(!canSpeak || !realPostgres())(
  'a book of three files, on PostgreSQL (needs flite too)',
  () => {
    it('becomes text as it does on PGlite', async () => {
      await using database = await testDatabase()
      await using stack = await stackUnderTest({ DATABASE_URL: database.url })
      const made = await makeBook(SHORT_TEXT, { directory: stack.workFolder('short'), as: 'files' })

      const { audiobook_id } = await sendBook(stack.api, made)

      const book = await finishedBook(stack.api, audiobook_id)
      expect(book.jobs).toMatchObject({ total_jobs: 8, completed_jobs: 8, failed_jobs: 0 })
      expect(book.chapters.map(({ title }) => title)).toEqual(made.chapters.map(({ title }) => title))
      const rates = book.chapters.map(({ text }, index) =>
        wordErrorRate(made.chapters[index]?.text ?? '', text),
      )
      expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeLessThanOrEqual(0.35)
    })
  },
)

async function firstOf<T>(items: AsyncGenerator<T>): Promise<T[]> {
  for await (const item of items) return [item]
  return []
}
