import type { Transcript } from '@app/contracts'
import { inTransaction, replaceTranscript, translationOf } from '@app/db'
import { planTextWork } from '@app/flows'
import { callsWithoutLimits, noCache, openaiClient, providersConfig } from '@app/providers'
import { loadConfig } from '@app/runtime'
import { startSandbox } from '@app/sandbox'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { analyze } from './analyze.ts'
import { describe } from './describe.ts'
import { localLanguage } from './language/local-language.ts'
import { openaiChat } from './language/openai-chat.ts'
import { remoteLanguage } from './language/remote-language.ts'
import { summarize } from './summarize.ts'
import { tag } from './tag.ts'
import { translate } from './translate.ts'

const SENTENCES = [
  'The whale was seen off the coast of Nantucket by every sailor on the ship.',
  'The captain had lost his leg to the white whale.',
  'He would follow the white whale around the world.',
]

/** A book whose first chapter has been transcribed. */
async function transcribedBook(world: World) {
  const book = await world.seedAudiobook()
  const transcript: Transcript = {
    language: 'en',
    provider: 'test',
    model: 'test-1',
    durationMs: 9_000,
    segments: SENTENCES.map((text, index) => ({
      startMs: index * 3_000,
      endMs: index * 3_000 + 2_500,
      text,
      words: [{ text, startMs: index * 3_000, endMs: index * 3_000 + 2_500 }],
    })),
  }
  await inTransaction(world.db, (trx) => replaceTranscript(trx, book.chapters[0]?.id ?? '', transcript))
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', waiting_on: 0 })
    .where('id', 'in', [book.job('summarize'), book.job('tag')])
    .execute()
  return book
}

const outputs = (world: World) =>
  world.db
    .selectFrom('ai_outputs')
    .select(['kind', 'content', 'provider', 'subject_id'])
    .orderBy('kind')
    .orderBy('subject_kind')
    .execute()

it('writes a summary and tags of the book, with who made them', async () => {
  await using world = await testWorld()
  const book = await transcribedBook(world)

  await world.drain([summarize, tag], { db: world.db, language: localLanguage() })

  const [summary, tags] = await outputs(world)
  expect(summary).toMatchObject({ kind: 'summary', provider: 'local', subject_id: book.id })
  expect(summary?.content).toMatchObject({ text: expect.stringContaining('whale') })
  expect(tags).toMatchObject({ kind: 'tags', provider: 'local' })
  expect(JSON.stringify(tags?.content)).toContain('whale')
})

it('writes one summary when the job is run a second time by hand', async () => {
  await using world = await testWorld()
  const book = await transcribedBook(world)
  const deps = { db: world.db, language: localLanguage() }
  await world.drain([summarize], deps)
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', dispatched_at: null, dispatch_after: null })
    .where('id', '=', book.job('summarize'))
    .execute()

  await world.drain([summarize], deps)

  expect(await outputs(world)).toHaveLength(1)
})

it('makes a summary of a chapter without transcript a dead letter', async () => {
  await using world = await testWorld()
  const book = await transcribedBook(world)
  await world.db.deleteFrom('transcripts').execute()

  await world.drain([summarize], { db: world.db, language: localLanguage() })

  expect(await world.job(book.job('summarize'))).toMatchObject({
    status: 'failed',
    error_code: 'transcript-not-found',
  })
})

it('analyses and describes a chapter, and a book from what is transcribed of it', async () => {
  await using world = await testWorld()
  const { id: audiobookId, ownerId, chapters } = await transcribedBook(world)
  const chapterId = chapters[0]?.id ?? ''
  await world.insert([
    { ...planTextWork({ audiobookId, ownerId, chapterId }, { type: 'analyze' }), key: 'analyze the chapter' },
    planTextWork({ audiobookId, ownerId }, { type: 'analyze' }),
    planTextWork({ audiobookId, ownerId, chapterId }, { type: 'describe' }),
  ])

  await world.drain([analyze, describe], { db: world.db, language: localLanguage() })

  const rows = await outputs(world)
  expect(rows.map(({ kind, subject_id }) => [kind, subject_id === chapterId ? 'chapter' : 'book'])).toEqual([
    ...['chapter', 'book'].map((subject) => ['analysis', subject]).toSorted(),
    ['description', 'chapter'],
  ])
  expect(rows[0]?.content).toMatchObject({ summary: expect.stringContaining('whale'), sentiment: null })
  // What is made of a book's text is no part of making the book.
  const book = await world.db.selectFrom('audiobooks').select('status').executeTakeFirstOrThrow()
  expect(book.status).toBe('processing')
})

it('translates segment by segment, and after a failure asks only for what is missing', async () => {
  await using world = await testWorld()
  await using sandbox = await startSandbox({ knows: '' })
  const { id: audiobookId, ownerId, chapters } = await transcribedBook(world)
  const chapterId = chapters[0]?.id ?? ''
  const segments = Array.from({ length: 130 }, (_, index) => ({
    ...{ startMs: index * 1000, endMs: index * 1000 + 900, text: `${SENTENCES[index % 3]} ${index}` },
    words: [{ text: 'word', startMs: index * 1000, endMs: index * 1000 + 900 }],
  }))
  await inTransaction(world.db, (trx) =>
    replaceTranscript(trx, chapterId, {
      language: 'en',
      provider: 'test',
      model: 'test-1',
      durationMs: 130_000,
      segments,
    }),
  )
  const { ids } = await world.insert([
    planTextWork({ audiobookId, ownerId, chapterId }, { type: 'translate', language: 'de' }),
  ])
  const env = { OPENAI_API_KEY: sandbox.keys.openai, OPENAI_BASE_URL: sandbox.openaiBaseUrl }
  const client = openaiClient(loadConfig(providersConfig, env))
  const chat = openaiChat({ client, calls: callsWithoutLimits(), model: 'gpt-6-luna' })
  const deps = { db: world.db, language: remoteLanguage({ chat, cache: noCache }) }
  sandbox.nextAnswer({ route: 'openai.chat', status: 500, body: '' })

  await world.drain([translate], deps)
  await world.db
    .updateTable('processing_jobs')
    .set({ run_at: new Date(0) })
    .execute()
  await world.drain([translate], deps)

  const job = await world.job(ids.get('translate') ?? '')
  expect(job).toMatchObject({ status: 'completed', attempts: 1, output: { segmentCount: 130 } })
  expect(sandbox.requests).toHaveLength(4)
  const translation = await translationOf(world.db, chapterId, 'de')
  expect(translation).toMatchObject({
    sourceLanguage: 'en',
    promptVersion: expect.stringMatching(/^translate-/),
  })
  expect(translation?.segments.map(({ startMs }) => startMs)).toEqual(segments.map(({ startMs }) => startMs))
  expect(translation?.segments[7]?.text).toContain(segments[7]?.text)
})

it('says that this machine alone can not translate', async () => {
  await using world = await testWorld()
  const { id: audiobookId, ownerId, chapters } = await transcribedBook(world)
  const { ids } = await world.insert([
    planTextWork(
      { audiobookId, ownerId, chapterId: chapters[0]?.id ?? '' },
      { type: 'translate', language: 'de' },
    ),
  ])

  await world.drain([translate], { db: world.db, language: localLanguage() })

  expect(await world.job(ids.get('translate') ?? '')).toMatchObject({
    ...{ status: 'failed', error_code: 'translation-not-available' },
  })
})
