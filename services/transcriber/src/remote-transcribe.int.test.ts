import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { streamKey } from '@app/bus'
import { transcriptOf } from '@app/db'
import { handleDelivery, type Shell, wakeJob } from '@app/jobs'
import { openProviders } from '@app/providers'
import { createLogger, createMetrics, loadConfig, Secret } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pocketSphinx } from './speech/pocketsphinx.ts'
import { speechConfig, speechFrom } from './speech/speech-from.ts'
import { SPOKEN_TEXT, type SpeechSandbox, speechSandbox } from './testing/speech-sandbox.ts'
import { transcribe } from './transcribe.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'remote-transcribe-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

it.each([
  ['while it waits for the result', 'revai.job'],
  ['before it has heard that its submission was taken', 'revai.submit'],
] as const)('submits a recording to Rev.ai once, though the transcriber is killed %s', async (_, route) => {
  await using world = await testWorld()
  await using local = await speechSandbox({ revai: { finish: 'by-hand' } })
  const { id, chapterId } = await seedJob(world)
  await using hook = await webhook(() => wakeJob(world.db, id, 'transcript-pending'))
  const deps = await depsOf(world, local, { PUBLIC_URL: hook.url })
  const silence = Promise.withResolvers<void>()
  const asked = local.sandbox.nextAnswer({ route, until: silence.promise })
  const [killed, other] = [world.shell('killed'), world.shell('other')]

  const dying = handleDelivery(killed, transcribe, deps, await nextDelivery(world, killed))
  await asked.asked
  await world.expireLeases('transcribe')
  for (const delivery of await world.bus.takeOver(stream(world), other.workerId, 1, 12_000)) {
    await handleDelivery(other, transcribe, deps, delivery)
  }
  const waiting = await world.job(id)
  // So that it is not its own clock that lets it come.
  await sql`update processing_jobs set run_at = now() + interval '1 hour' where id = ${id}`.execute(world.db)
  await local.sandbox.revai.finish()
  await world.drain([transcribe], deps)

  // It holds no slot while it waits, and nothing is counted against it.
  expect(waiting).toMatchObject({
    status: 'queued',
    error_code: 'transcript-pending',
    attempts: 0,
    snoozes: 1,
  })
  expect(await world.job(id)).toMatchObject({ status: 'completed', crashes: 1 })
  const transcript = await transcriptOf(world.db, chapterId)
  expect(transcript?.segments.map(({ text }) => text).join(' ')).toBe(SPOKEN_TEXT)
  expect(transcript).toMatchObject({ provider: 'revai', model: 'machine', secondsBilled: 15 })
  expect(routes(local).filter((each) => each === 'revai.submit')).toHaveLength(1)
  // What the dead one would still write, had it only been slow, is dropped.
  silence.resolve()
  await dying
  expect(killed.zombies).toHaveLength(1)
  expect(routes(local).filter((each) => each === 'revai.submit')).toHaveLength(1)
})

it.each([
  ['revai', 'REVAI_ACCESS_TOKEN'],
  ['openai', 'OPENAI_API_KEY'],
  ['gemini', 'GEMINI_API_KEY'],
])(
  'says of a wrong key of %s in one sentence what is to be looked at, and nowhere the key',
  async (provider, variable) => {
    await using world = await testWorld()
    await using local = await speechSandbox()
    const { id } = await seedJob(world)
    const key = 'sk-wrong-key-of-somebody-0123456789'
    const deps = await depsOf(world, local, { TRANSCRIBE_PROVIDER: provider, [variable]: key })
    const lines: string[] = []
    const shell = Object.assign(world.shell(), {
      log: createLogger('test', 'trace', { write: (line: string) => void lines.push(line) }),
    })

    await handleDelivery(shell, transcribe, deps, await nextDelivery(world, shell))

    const job = await world.job(id)
    expect(job).toMatchObject({ status: 'queued', attempts: 0, error_code: 'provider-stopped' })
    expect(job.error_message).toContain(variable)
    expect(job.error_message).not.toContain('\n')
    expect(lines.filter((line) => line.includes(variable))).toHaveLength(1)
    expect(lines.join('\n') + (await everyRow(world))).not.toContain(key)
  },
)

it('goes on with another provider where that is configured, and says so', async () => {
  await using world = await testWorld()
  await using local = await speechSandbox()
  const { id, chapterId } = await seedJob(world)
  const deps = await depsOf(world, local, {
    ...{ TRANSCRIBE_PROVIDER: 'revai', REVAI_ACCESS_TOKEN: 'wrong', TRANSCRIBE_FALLBACK: 'openai' },
  })

  await world.drain([transcribe], deps)

  expect(await world.job(id)).toMatchObject({
    status: 'completed',
    output: { provider: 'openai', insteadOf: 'revai' },
  })
  expect(await transcriptOf(world.db, chapterId)).toMatchObject({ provider: 'openai', insteadOf: 'revai' })
})

it('takes the provider that the job names, and tells it the names of the book', async () => {
  await using world = await testWorld()
  await using local = await speechSandbox()
  const { id } = await seedJob(world, { provider: 'openai' })

  await world.drain([transcribe], await depsOf(world, local))

  expect(await world.job(id)).toMatchObject({ status: 'completed', output: { provider: 'openai' } })
  expect(local.sandbox.requests.at(-1)?.fields).toMatchObject({
    'keywords[]': ['A book', 'Somebody', 'Chapter 1'],
  })
})

it('fails a job at once that names a provider which is not configured', async () => {
  await using world = await testWorld()
  await using local = await speechSandbox()
  const { id } = await seedJob(world, { provider: 'gemini' })

  await world.drain([transcribe], await depsOf(world, local, { GEMINI_API_KEY: '' }))

  expect(await world.job(id)).toMatchObject({
    status: 'failed',
    error_code: 'provider-not-configured',
    error_message: 'the job asks for gemini, which is not configured: set GEMINI_API_KEY',
  })
})

async function seedJob(world: World, more: object = {}) {
  const book = await world.seedAudiobook()
  const id = book.job('transcribe 1')
  await world.db.updateTable('media').set({ duration_ms: 12_000 }).execute()
  await sql`update processing_jobs set input = input || ${JSON.stringify(more)}::jsonb where id = ${id}`.execute(
    world.db,
  )
  return { id, chapterId: book.chapters[0]?.id ?? '' }
}

async function depsOf(
  world: World,
  { sandbox, ...local }: SpeechSandbox,
  variables: Record<string, string> = {},
): Promise<TranscribeDeps> {
  const { db, bus, log } = world
  const config = {
    ...loadConfig(speechConfig, {
      ...{ OPENAI_API_KEY: sandbox.keys.openai, OPENAI_BASE_URL: sandbox.openaiBaseUrl },
      ...{ GEMINI_API_KEY: sandbox.keys.gemini, GEMINI_BASE_URL: sandbox.geminiBaseUrl },
      ...{ REVAI_ACCESS_TOKEN: sandbox.keys.revai, REVAI_BASE_URL: sandbox.revaiBaseUrl },
      ...variables,
    }),
    SIGNING_SECRET: new Secret('a secret of thirty-two characters or so'),
    // Nobody is there.
    PUBLIC_URL: variables.PUBLIC_URL ?? 'http://127.0.0.1:1',
  }
  const { calls, cache } = openProviders({ config, db, bus, log, metrics: createMetrics() })
  const { path } = await local.sound(pocketSphinx())
  return {
    db,
    speech: speechFrom(config, { calls, cache, storageUrl: config.PUBLIC_URL }),
    cache,
    openObject: async () => path,
    scratchDirectory: scratch,
    partMs: 600_000,
  }
}

/** What Rev.ai calls, in place of the API. */
async function webhook(onCall: () => Promise<unknown>) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => void onCall().then(() => response.end()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const stream = ({ bus }: World) => streamKey(bus.prefix, 'transcribe', 'high')

/** The next ticket, delivered to this shell and not yet handled. */
async function nextDelivery(world: World, shell: Shell) {
  await world.bus.ensureGroups('transcribe')
  await world.dispatch()
  const [delivery] = await world.bus.readNew(stream(world), shell.workerId, 1)
  if (!delivery) throw new Error('nothing was delivered')
  return delivery
}

const routes = ({ sandbox }: SpeechSandbox) => sandbox.requests.map(({ route }) => route)

/** All that stands in any table, as text. */
async function everyRow({ db }: World): Promise<string> {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db)
  const rows = await Promise.all(
    tables.rows.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(db)),
  )
  return JSON.stringify(rows.map((result) => result.rows))
}
