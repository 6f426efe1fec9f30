import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { streamKey } from '@app/bus'
import type { Word } from '@app/contracts'
import { transcriptOf } from '@app/db'
import { handleDelivery, redriveJob, type Shell } from '@app/jobs'
import { createAnswerCache, createProviderMetrics, noCache } from '@app/providers'
import { FatalError } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stitch } from './stitch.ts'
import { toneReader, toneWords } from './testing/tone-words.ts'
import { transcribe } from './transcribe.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'
import { transcribePart } from './transcribe-part.ts'

const run = promisify(execFile)
const workers = [transcribe, transcribePart, stitch] as const

let folder: string
let scratch: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'long-recording-'))
  scratch = join(folder, 'scratch')
  await mkdir(scratch)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Words close together, and now and then a pause. */
const SPOKEN = Array.from({ length: 66 }, (_, index) => (index % 11 === 10 ? 700 : 60))
/** Not one pause to cut at. */
const BREATHLESS = Array.from({ length: 66 }, () => 60)

it.each([
  ['talk.m4b', SPOKEN, ['-c:a', 'aac', '-b:a', '64k', '-f', 'ipod']],
  ['breathless.mp3', BREATHLESS, ['-b:a', '64k']],
] as const)('joins the parts of %s without losing or doubling a word', async (name, pauses, args) => {
  await using world = await testWorld()
  const { path, words } = await recording(name, pauses, args)
  const book = await seedBook(world, words)

  await world.drain(workers, depsOf(world, path))

  const transcript = await transcriptOf(world.db, book.chapterId)
  const heard = transcript?.segments.flatMap((segment) => segment.words) ?? []
  expect(heard.map(({ text }) => text)).toEqual(words.map(({ text }) => text))
  for (const [index, word] of heard.entries()) {
    expect(Math.abs(word.startMs - (words[index]?.startMs ?? 0))).toBeLessThanOrEqual(30)
  }
  expect(transcript).toMatchObject({ provider: 'tones', durationMs: book.durationMs })
  expect((await partJobs(world)).length).toBeGreaterThanOrEqual(3)
  expect(await world.job(book.job('transcribe 1'))).toMatchObject({ status: 'completed' })
  expect(await keptParts(world)).toBe(0)
  expect(await readdir(scratch)).toEqual([])
})

it('hears again only the part that a transcriber was at when it was killed', async () => {
  await using world = await testWorld()
  const { path, words } = await recording('killed.wav', SPOKEN)
  const book = await seedBook(world, words)
  const heard: string[] = []
  const [begun, never] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const living = depsOf(world, path, toneReader({ onCall: async ({ job }) => void heard.push(job.id) }))
  const dying = depsOf(
    world,
    path,
    toneReader({
      async onCall({ job }) {
        heard.push(job.id)
        begun.resolve()
        await never.promise
      },
    }),
  )
  const [killed, other] = [world.shell('killed'), world.shell('other')]
  await world.bus.ensureGroups('transcribe')

  // The recording is cut, and two of its four parts are heard.
  for (let jobs = 0; jobs < 3; jobs += 1) {
    await handleDelivery(killed, workers, living, await nextDelivery(world, killed))
  }
  const third = handleDelivery(killed, workers, dying, await nextDelivery(world, killed))
  await begun.promise
  await world.expireLeases('transcribe')
  const taken = await world.bus.takeOver(stream(world), other.workerId, 10, 12_000)
  for (const delivery of taken) await handleDelivery(other, workers, living, delivery)
  await world.drain(workers, living)

  const calls = [...Map.groupBy(heard, (id) => id).values()].map((each) => each.length)
  expect(calls.toSorted()).toEqual([1, 1, 1, 2])
  const transcript = await transcriptOf(world.db, book.chapterId)
  const texts = transcript?.segments.flatMap((segment) => segment.words.map(({ text }) => text))
  expect(texts).toEqual(words.map(({ text }) => text))
  // What the dead one would still write, had it only been slow, is dropped.
  never.resolve()
  await third
  expect(killed.zombies).toHaveLength(1)
  expect(await keptParts(world)).toBe(0)
})

it('fails with the part that fails, and goes on from there when it is redriven', async () => {
  await using world = await testWorld()
  const { path, words } = await recording('failing.wav', SPOKEN.slice(0, 30))
  const book = await seedBook(world, words)
  let calls = 0
  const refusing = toneReader({
    async onCall() {
      calls += 1
      if (calls === 2) throw new FatalError('content-refused', 'the provider will not hear this')
    },
  })
  const deps = depsOf(world, path, refusing)
  await world.drain(workers, deps)
  const failed = await world.job(book.job('transcribe 1'))

  await redriveJob(world.db, failed.id, 'test')
  await world.drain(workers, deps)

  expect(failed).toMatchObject({ status: 'failed', error_code: 'child-failed' })
  expect(failed.error_message).toContain('the provider will not hear this')
  expect(calls).toBe((await partJobs(world)).length + 1)
  expect(await world.job(failed.id)).toMatchObject({ status: 'completed' })
  expect(await transcriptOf(world.db, book.chapterId)).toMatchObject({ durationMs: book.durationMs })
})

it.each([
  ['is short enough', { partMs: 60_000 }, {}],
  ['goes to a provider that takes it whole', {}, { wholeRecordings: true, maxDurationMs: 17 * 3_600_000 }],
])('cuts nothing that %s', async (_, deps, capabilities) => {
  await using world = await testWorld()
  const { path, words } = await recording('whole.wav', SPOKEN.slice(0, 30))
  await seedBook(world, words)

  await world.drain(workers, { ...depsOf(world, path, toneReader(capabilities)), ...deps })

  expect(await partJobs(world)).toEqual([])
})

it('fetches and hears nothing of a recording again that was heard for another book', async () => {
  await using world = await testWorld()
  const { path, words } = await recording('known.wav', SPOKEN.slice(0, 30))
  const { bus, log } = world
  const cache = createAnswerCache({
    ...{ redis: bus.redis, prefix: bus.prefix, log, metrics: createProviderMetrics() },
    ...{ lifetimeMs: 3_600_000, mostBytes: 1_000_000 },
  })
  const done: string[] = []
  const deps: TranscribeDeps = {
    ...depsOf(world, path, toneReader({ onCall: async () => void done.push('heard') })),
    ...{ cache, partMs: 60_000 },
    openObject: async () => {
      done.push('fetched')
      return path
    },
  }
  const first = await seedBook(world, words)
  await world.drain(workers, deps)
  const second = await bookOfMedia(world, first.mediaId)

  await world.drain(workers, deps)

  expect(done).toEqual(['fetched', 'heard'])
  const { segments } = (await transcriptOf(world.db, first.chapterId)) ?? {}
  expect(await transcriptOf(world.db, second)).toMatchObject({ provider: 'tones', segments })
})

/** Another book that begins with the same recording; answers its chapter. */
async function bookOfMedia(world: World, mediaId: string): Promise<string> {
  const book = await world.seedAudiobook()
  const chapterId = book.chapters[0]?.id ?? ''
  await world.db
    .updateTable('processing_jobs')
    .set({ input: JSON.stringify({ chapterId, mediaId }) })
    .where('id', '=', book.job('transcribe 1'))
    .execute()
  return chapterId
}

async function recording(name: string, pauses: readonly number[], args: readonly string[] = []) {
  const { wav, words } = toneWords(pauses)
  const path = join(folder, name)
  const plain = join(folder, `${name}.wav`)
  await writeFile(plain, wav)
  await run('ffmpeg', ['-v', 'error', '-y', '-i', plain, ...args, path])
  return { path, words }
}

async function seedBook(world: World, words: readonly Word[]) {
  const book = await world.seedAudiobook()
  const durationMs = (words.at(-1)?.endMs ?? 0) + 500
  await world.db.updateTable('media').set({ duration_ms: durationMs }).execute()
  return { ...book, durationMs, chapterId: book.chapters[0]?.id ?? '' }
}

function depsOf(world: World, path: string, speech = toneReader()): TranscribeDeps {
  return {
    db: world.db,
    speech: () => speech,
    cache: noCache,
    openObject: async () => path,
    scratchDirectory: scratch,
    partMs: 10_000,
  }
}

const stream = ({ bus }: World) => streamKey(bus.prefix, 'transcribe', 'high')

/** The next ticket, delivered to this shell and not yet handled. */
async function nextDelivery(world: World, shell: Shell) {
  await world.dispatch()
  const [delivery] = await world.bus.readNew(stream(world), shell.workerId, 1)
  if (!delivery) throw new Error('nothing was delivered')
  return delivery
}

async function partJobs({ db }: World) {
  return await db.selectFrom('processing_jobs').select('id').where('type', '=', 'transcribe-part').execute()
}

async function keptParts({ db }: World): Promise<number> {
  return (await db.selectFrom('transcript_parts').select('part_index').execute()).length
}
