import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileToSend } from '../scripts/demo/client/api-client.ts'
import { ApiError } from '../scripts/demo/client/api-error.ts'
import { finishedBook } from './finished-book.ts'
import { type StackUnderTest, stackUnderTest } from './running-stack.ts'

interface MediaCase {
  path: string
  language: string | null
  transcript: string | null
  expect: { audiobook: string; warning?: string; why?: string }
}

const FOLDER = path.resolve(import.meta.dirname, '../../shared/media')
const SHORTER = 'sound-shorter-than-header'
/** What the collection calls a reason, and what a sender is told. */
const CODES: Record<string, string> = {
  'empty file': 'media-empty',
  'not media, or unreadable': 'media-unreadable',
  'a playlist that refers elsewhere: never followed': 'media-playlist',
  'no audio stream': 'media-no-audio',
  'audio cannot be decoded': 'media-undecodable',
  'the header promises sound that is not there': 'media-no-sound',
  'less than a tenth of a second of sound': 'media-too-short',
}
/** What is received has no name yet, so nothing but its name can pass for sound. */
const BY_NAME_ONLY = ['odd/random-named.flac']
/** Uploads at a time: the API listens through two at once, while others arrive. */
const AT_ONCE = 4
/** For all the speech of the collection, ten minutes of it, on two cores that others use as well. */
const PATIENT = { timeout: 20 * 60_000 }

const CASES = readCases()
const REFUSED = CASES.filter((one) => one.expect.audiobook === 'refused')
const ACCEPTED = CASES.filter((one) => one.expect.audiobook === 'ok')
/** Languages the offline recogniser has no model for. */
const FOREIGN = ACCEPTED.filter(({ language }) => language === 'fr' || language === 'zh')
const SPOKEN = ACCEPTED.filter((one) => (one.transcript || one.language === 'en') && !FOREIGN.includes(one))
const SILENT = ACCEPTED.filter((one) => one.path === 'odd/silence-2h.flac')
/** What is listened to; the same content under another name only once. */
const HEARD = [...SPOKEN, ...FOREIGN, ...SILENT]
const TAR = CASES.find((one) => one.path.endsWith('.tar'))

describe.skipIf(CASES.length === 0)('every file of the collection (needs ../shared/media)', () => {
  let stack: StackUnderTest
  const sent = new Map<string, Sent>()
  const books = new Map<string, Promise<string>>()
  beforeAll(async () => {
    // What is asked here is whether every format reaches the recogniser, and not how well it hears.
    stack = await stackUnderTest({ CONCURRENCY: '2', POCKETSPHINX_EFFORT: 'draft' })
  })
  afterAll(() => stack?.[Symbol.asyncDispose]())

  describe('that is no recording', () => {
    it.concurrent.each(REFUSED)(
      'is refused: $path, $expect.why',
      async ({ path: file, expect: { why = '' } }) => {
        const { uploadId, answer } = await send({ path: path.join(FOLDER, file) })

        expect(answer).toBeInstanceOf(ApiError)
        expect([415, 422]).toContain((answer as ApiError).status)
        expect((answer as ApiError).code).toBe(BY_NAME_ONLY.includes(file) ? 'media-unreadable' : CODES[why])
        expect(await stack.api.upload(uploadId)).toMatchObject({
          received_files: 0,
          received_bytes: 0,
          files: [],
        })
      },
    )

    it('leaves no row and no byte', async () => {
      expect(await stack.query('select sha256 from media')).toEqual([])
      expect(await stack.query('select object_key from storage_deletions')).toEqual([])
      expect(stack.storedFiles()).toEqual([])
    })
  })

  describe('that is one', () => {
    beforeAll(async () => {
      const waiting = [...ACCEPTED]
      await Promise.all(Array.from({ length: AT_ONCE }, () => sendAll(waiting)))
    }, PATIENT.timeout)

    it.each(ACCEPTED)('is accepted: $path', ({ path: file, expect: { warning } }) => {
      const { answer } = sent.get(file) as Sent

      expect(answer).toMatchObject({ file_name: path.basename(file) })
      const { warnings = [] } = answer as { warnings?: string[] }
      expect(warnings.includes(SHORTER), `warnings: ${warnings}`).toBe(warning !== undefined)
    })

    it.each(SPOKEN)('becomes text where somebody speaks: $path', PATIENT, async ({ path: file }) => {
      const { chapters, jobs } = await bookOf(file)

      expect(jobs).toMatchObject({ overall_status: 'completed', failed_jobs: 0 })
      expect(chapters.map(({ text }) => text).join(' ')).toMatch(/\w{2}/)
    })

    it.each(FOREIGN)('is not taken for English: $path', PATIENT, async ({ path: file, language }) => {
      const { jobs, chapters } = await bookOf(file)

      const transcribe = jobs.jobs.find(({ job_type }) => job_type === 'transcribe')
      expect(transcribe).toMatchObject({
        status: 'failed',
        error_message: expect.stringContaining(`"${language}"`),
      })
      expect(chapters.map(({ text }) => text)).toEqual([''])
    })

    it.each(SILENT)('holds no words where nobody speaks: $path', PATIENT, async ({ path: file }) => {
      const { jobs, chapters } = await bookOf(file)

      expect(jobs).toMatchObject({ overall_status: 'completed', completed_jobs: 4 })
      expect(chapters.map(({ text }) => text)).toEqual([''])
    })
  })

  it.skipIf(!TAR)('is accepted under a name that is made to do harm', async () => {
    const folder = stack.workFolder('names')
    execFileSync('tar', ['-xf', path.join(FOLDER, TAR?.path ?? ''), '-C', folder])

    // As bytes: one of the names is no UTF-8.
    for (const name of readdirSync(folder, { encoding: 'buffer' })) {
      const file = Buffer.concat([Buffer.from(`${folder}/`), name])
      const { answer } = await send({ path: file as unknown as string, name: name.toString('utf8') })
      expect(answer).toHaveProperty('file_id')
    }
  })

  it('is stored once, whatever its name, and nothing is stored that no row names', async () => {
    const [stored] = await stack.query('select count(*)::int + count(cover_key)::int as objects from media')

    expect(stored).toEqual({ objects: stack.storedFiles().length })
  })

  interface Sent {
    uploadId: string
    answer: unknown
    bookId?: string
  }

  /** Books are made at once, before anybody follows one: first chapters go before all others, as they should. */
  async function sendAll(waiting: MediaCase[]): Promise<void> {
    for (let one = waiting.pop(); one; one = waiting.pop()) {
      const file = path.join(FOLDER, one.path)
      const received = await send({ path: file })
      sent.set(one.path, received)
      if (received.answer instanceof Error || !HEARD.includes(one)) continue
      const content = createHash('sha256').update(readFileSync(file)).digest('hex')
      const book = books.get(content) ?? makeBook(received.uploadId, one)
      books.set(content, book)
      sent.set(one.path, { ...received, bookId: await book })
    }
  }

  async function send(file: FileToSend): Promise<Sent> {
    const bytes = statSync(file.path).size
    const { upload_id: uploadId } = await stack.api.createUpload({
      upload_type: 'single',
      total_files: 1,
      // An upload of nothing can't be announced; an empty file can be sent all the same.
      total_size_bytes: Math.max(1, bytes),
    })
    return { uploadId, answer: await stack.api.sendFile(uploadId, file).catch((error) => error) }
  }

  async function makeBook(uploadId: string, one: MediaCase): Promise<string> {
    const created = await stack.api.createAudiobook({
      upload_id: uploadId,
      title: path.basename(one.path),
      author: 'Unknown',
      ...(FOREIGN.includes(one) ? { language: one.language ?? '' } : {}),
    })
    return created.audiobook_id
  }

  function bookOf(file: string) {
    return finishedBook(stack.api, sent.get(file)?.bookId ?? '')
  }
})

/** Absent from a user's clone: then there are no cases, and the tests are skipped by name. */
function readCases(): MediaCase[] {
  const manifest = path.join(FOLDER, 'manifest.json')
  if (!existsSync(manifest)) return []
  const cases = JSON.parse(readFileSync(manifest, 'utf8')) as MediaCase[]
  return cases.filter((one) => existsSync(path.join(FOLDER, one.path)))
}
