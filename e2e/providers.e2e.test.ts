import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { hasFlite } from '@app/media'
import { type Sandbox, startSandbox } from '@app/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MadeBook, makeBook } from '../scripts/demo/book/make-book.ts'
import { sendBook } from '../scripts/demo/client/send-book.ts'
import { environmentOf } from '../scripts/sandbox/environment.ts'
import { finishedBook } from './finished-book.ts'
import { type StackUnderTest, stackUnderTest } from './running-stack.ts'
import { SHORT_TEXT } from './short-text.ts'

const canSpeak = await hasFlite()
const chapters = SHORT_TEXT.chapters.slice(0, 1)
const SAID = chapters.flatMap(({ lines }) => lines).join(' ')

describe.skipIf(!canSpeak)('a book that goes through pretended providers (needs ffmpeg with flite)', () => {
  let sandbox: Sandbox
  let stack: StackUnderTest
  let made: MadeBook
  beforeAll(async () => {
    sandbox = await startSandbox({ knows: SAID, revai: { webhookRepeats: 1 } })
    stack = await stackUnderTest({
      ...environmentOf(sandbox),
      LANGUAGE_PROVIDER: 'openai',
      EMBEDDINGS_PROVIDER: 'gemini',
    })
    made = await makeBook({ ...SHORT_TEXT, chapters }, { directory: stack.workFolder('book') })
  })
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]()
    await sandbox?.close()
  })

  it.each(['revai', 'openai', 'gemini'] as const)(
    'is heard by %s, read by OpenAI, and found by Gemini’s vectors',
    async (provider) => {
      const { audiobook_id } = await sendBook(stack.api, { ...made, provider })

      const { jobs, chapters } = await finishedBook(stack.api, audiobook_id)

      expect(jobs).toMatchObject({ total_jobs: 4, completed_jobs: 4, failed_jobs: 0 })
      expect(chapters.map(({ text }) => text)).toEqual([SAID])
      const book = await stack.api.audiobook(audiobook_id)
      expect(book.chapters[0]?.transcript).toMatchObject({ provider })
      expect(book).toMatchObject({ summary: { provider: 'openai' }, tags: { provider: 'openai' } })
      const { hits } = await stack.api.search({ q: 'the worst of times', audiobook_id, mode: 'vector' })
      expect(hits[0]?.chapter.position).toBe(1)
    },
  )

  it('was told by Rev.ai, twice, and sent one recording there', () => {
    expect(sandbox.revai.jobs()).toHaveLength(1)
    expect(sandbox.revai.notifications.map(({ status }) => status)).toEqual([200, 200])
    expect(sandbox.requests.some(({ route }) => route === 'gemini.embed')).toBe(true)
  })

  it('leaves no key in a log or in a row', async () => {
    const keys = Object.values(sandbox.keys)
    const tables = await stack.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
    )

    const rows: string[] = []
    for (const { name } of tables)
      rows.push(
        ...(await stack.query<{ row: string }>(`select t::text as row from ${name} t`)).map(({ row }) => row),
      )

    expect(rows.join('\n')).toContain(made.title)
    expect(keys.filter((key) => rows.some((row) => row.includes(key)))).toEqual([])
    const logs = logsOf(stack.dataDir)
    expect(logs).toContain('transcriber')
    expect(keys.filter((key) => logs.includes(key))).toEqual([])
  })
})

function logsOf(dataDir: string): string {
  const folder = path.join(dataDir, 'logs')
  return readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n')
}
