import type { Transcript } from '@app/contracts'
import { inTransaction, replaceTranscript } from '@app/db'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { localLanguage } from './language/local-language.ts'
import { summarize } from './summarize.ts'
import { tag } from './tag.ts'

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
