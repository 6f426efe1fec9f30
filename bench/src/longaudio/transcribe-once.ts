import { randomUUID } from 'node:crypto'
import { copyFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Transcript } from '@app/contracts'
import { connectDb, type Db, inTransaction, migrateToLatest, transcriptOf } from '@app/db'
import { builtPrograms, freePort, processSettings, type Running, startChild } from '@app/infra'
import { insertJobs } from '@app/jobs'
import { FatalError, Secret } from '@app/runtime'
import { storageFrom } from '@app/storage'
import type { Servers } from '../contest/task.ts'
import { type PeakMemory, watchMemory } from './peak-memory.ts'
import type { Recording } from './recording.ts'

/** As `npm start` and docker-compose.yml start it. */
const SETTINGS = processSettings('transcriber')
const LOOK_MS = 100
const READY_WITHIN_MS = 60_000
const OBJECT_KEY = 'bench/recording.mp3'
const SIGNING_SECRET = 'bench'

export interface Transcribing {
  servers: Servers
  /** How many transcriber processes share the work; each runs one job at a time. */
  processes: number
  /** Which provider, and how long parts are. */
  env: Readonly<Record<string, string>>
  /** Thrown away by the caller. */
  directory: string
}

export interface Transcribed {
  transcript: Transcript
  /** From the committed job to the committed transcript. */
  seconds: number
  partCount: number
  memory: PeakMemory
}

/** Transcribes a recording as the product does: real processes of the service, on real servers, from job to transcript. */
export async function transcribeOnce(recording: Recording, setting: Transcribing): Promise<Transcribed> {
  const { servers, directory } = setting
  const storage = storageFrom({
    STORAGE_DIR: storageDir(directory),
    SIGNING_SECRET: new Secret(SIGNING_SECRET),
    PUBLIC_URL: 'http://127.0.0.1:8080',
  })
  // A copy: storing may move the file away.
  const copy = path.join(directory, 'copy.mp3')
  await copyFile(recording.path, copy)
  await storage.putFile(OBJECT_KEY, copy, { contentType: 'audio/mpeg' })
  const db = connectDb(servers.databaseUrl, { onIdleError: () => {} })
  const processes: Running[] = []
  try {
    await migrateToLatest(db)
    const chapter = await seedChapter(db, recording)
    for (let index = 0; index < setting.processes; index += 1) processes.push(await startTranscriber(setting))
    const memory = watchMemory(processes.map(({ pid }) => pid))
    const begun = performance.now()
    await inTransaction(db, (trx) => insertJobs(trx, [chapter.job]))
    const ended = Promise.race(processes.map(({ exited }) => exited.then(endedEarly)))
    await Promise.race([completed(db, chapter.id), ended])
    const seconds = (performance.now() - begun) / 1_000
    const transcript = await transcriptOf(db, chapter.id)
    if (!transcript) throw new FatalError('bench-run-failed', 'there is no transcript')
    return { transcript, seconds, partCount: await countParts(db), memory: memory.stop() }
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
    await db.destroy()
    await storage.remove([OBJECT_KEY])
  }
}

const storageDir = (directory: string): string => path.join(directory, 'storage')

function endedEarly(how: string): never {
  throw new FatalError('bench-run-failed', `a transcriber ended early: ${how}`)
}

async function seedChapter(db: Db, { bytes, durationMs }: Recording) {
  const ownerId = randomUUID()
  const ids = { media: randomUUID(), book: randomUUID(), chapter: randomUUID() }
  const media = { id: ids.media, sha256: randomUUID(), object_key: OBJECT_KEY, inspection: '{}' }
  await db
    .insertInto('media')
    .values({ ...media, size_bytes: bytes, duration_ms: durationMs })
    .execute()
  const book = { id: ids.book, owner_id: ownerId, title: 'A long recording', author: 'flite' }
  await db.insertInto('audiobooks').values(book).execute()
  const place = { position: 1, title: 'All of it', start_ms: 0, end_ms: durationMs, source: 'file' as const }
  await db
    .insertInto('chapters')
    .values({ id: ids.chapter, audiobook_id: ids.book, media_id: ids.media, ...place })
    .execute()
  const job = {
    ...{ key: 'transcribe', type: 'transcribe' as const, lane: 'normal' as const, dependsOn: [] },
    ...{ subjectKind: 'audiobook', subjectId: ids.book, ownerId, chapterId: ids.chapter },
    input: { chapterId: ids.chapter, mediaId: ids.media, language: 'en' },
  }
  return { id: ids.chapter, job }
}

async function startTranscriber({ servers, env, directory }: Transcribing): Promise<Running> {
  const [port, programs] = [await freePort(), await builtPrograms()]
  const variables = {
    ...{ DATABASE_URL: servers.databaseUrl, REDIS_URL: servers.redisUrl },
    ...{ QUEUE_PREFIX: path.basename(directory), HEALTH_PORT: String(port) },
    ...{ STORAGE_DIR: storageDir(directory), SIGNING_SECRET, SCRATCH_DIR: path.join(directory, 'scratch') },
    ...SETTINGS.env,
    ...{ LOG_LEVEL: 'error', CONCURRENCY: '1', SHUTDOWN_GRACE_MS: '0' },
    ...env,
  }
  const child = await startChild({
    // Beside what this process has in its own environment; `env` becomes the program, under the same id.
    command: 'env',
    args: [
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      process.execPath,
      ...SETTINGS.args,
      programs('transcriber'),
    ],
    tie: 'guard',
    onLine: (line) => console.error(line),
  })
  await Promise.race([ready(port), child.exited.then(endedEarly)])
  return child
}

async function ready(port: number): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS
  while (performance.now() < giveUpAt) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await delay(LOOK_MS)
  }
  throw new FatalError('bench-run-failed', 'a transcriber was not ready in a minute')
}

async function completed(db: Db, chapterId: string): Promise<void> {
  for (;;) {
    const job = await db
      .selectFrom('processing_jobs')
      .select(['status', 'error_code', 'error_message'])
      .where('chapter_id', '=', chapterId)
      .where('parent_id', 'is', null)
      .executeTakeFirstOrThrow()
    if (job.status === 'completed') return
    if (job.status === 'failed')
      throw new FatalError('bench-run-failed', `${job.error_code}: ${job.error_message}`)
    await delay(LOOK_MS)
  }
}

async function countParts(db: Db): Promise<number> {
  const rows = await db
    .selectFrom('processing_jobs')
    .select('id')
    .where('type', '=', 'transcribe-part')
    .execute()
  return rows.length
}
