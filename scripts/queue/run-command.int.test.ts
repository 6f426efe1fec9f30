import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { promisify } from 'node:util'
import { TranscribeJob } from '@app/contracts'
import { defineWorker, type Worker } from '@app/jobs'
import { FatalError } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { runQueueCommand } from './run-command.ts'

const failing: Worker<unknown> = defineWorker(TranscribeJob, {
  run: () => Promise.reject(new FatalError('media-unreadable', 'no sound\nin it')),
  save: () => Promise.reject(new Error('nothing to save')),
})

/** Runs a command line in this process, against the world's own servers. */
async function run(world: World, args: string[], env: Record<string, string | undefined> = {}) {
  const [printed, complaints]: [string[], string[]] = [[], []]
  const { databaseUrl: DATABASE_URL, redisUrl: REDIS_URL, bus } = world
  const code = await runQueueCommand(args, {
    env: { DATABASE_URL, REDIS_URL, QUEUE_PREFIX: bus.prefix, ...env },
    readStack: () => undefined,
    who: 'cli:tester',
    width: Infinity,
    print: (line) => printed.push(line),
    complain: (line) => complaints.push(line),
  })
  return { code, printed: printed.join('\n'), complaints: complaints.join('\n') }
}

const letterOf = (world: World, jobId: string) =>
  world.db.selectFrom('dead_letters').selectAll().where('job_id', '=', jobId).executeTakeFirstOrThrow()

it('lists open dead letters, one to a line, with what went wrong', async () => {
  await using world = await testWorld()
  const jobId = (await world.seedAudiobook()).job('transcribe 1')
  await world.drain([failing])

  const { code, printed } = await run(world, ['list'])
  const elsewhere = await run(world, ['list', '--queue', 'embed'])

  const [titles = '', line = '', ...others] = printed.split('\n')
  expect(titles).toMatch(/^DEAD LETTER +JOB +TYPE +ATTEMPTS +AGE +ERROR$/)
  expect(line).toContain(jobId)
  expect(line).toMatch(/ transcribe +1 +\d+ s +media-unreadable: no sound in it$/)
  expect([code, others]).toEqual([0, []])
  expect(elsewhere).toMatchObject({ code: 0, printed: 'No open dead letters in embed.' })
})

it('lists for programs as well', async () => {
  await using world = await testWorld()
  const jobId = (await world.seedAudiobook()).job('transcribe 1')
  await world.drain([failing])

  const { printed } = await run(world, ['list', '--json'])

  expect(JSON.parse(printed)).toMatchObject([{ jobId, queue: 'transcribe', errorCode: 'media-unreadable' }])
})

it('redrives a job by its own id and by that of its dead letter, and writes down who did', async () => {
  await using world = await testWorld()
  const [one, two] = [await world.seedAudiobook(), await world.seedAudiobook()]
  const [jobId, otherId] = [one.job('transcribe 1'), two.job('transcribe 1')]
  await world.drain([failing])

  expect(await run(world, ['redrive', jobId])).toMatchObject({ code: 0, complaints: '' })
  expect(await run(world, ['redrive', (await letterOf(world, otherId)).id])).toMatchObject({ code: 0 })

  for (const id of [jobId, otherId]) {
    expect(await world.job(id)).toMatchObject({ status: 'queued', attempts: 0 })
    expect(await letterOf(world, id)).toMatchObject({ resolution: 'redriven', resolved_by: 'cli:tester' })
  }
})

it('redrives every open dead letter of a queue, and of all queues', async () => {
  await using world = await testWorld()
  await world.seedAudiobook()
  await world.seedAudiobook()
  await world.drain([failing])

  const none = await run(world, ['redrive', '--queue', 'tag'])
  const both = await run(world, ['redrive', '--all'])

  expect(none).toMatchObject({ code: 0, printed: 'No open dead letters: nothing to do.' })
  expect(both.printed.split('\n')).toHaveLength(2)
  expect((await run(world, ['list'])).printed).toBe('No open dead letters.')
})

it('redrives the others where one job refuses, and says which', async () => {
  await using world = await testWorld()
  const [one, two] = [await world.seedAudiobook(), await world.seedAudiobook()]
  const [moved, failed] = [one.job('transcribe 1'), two.job('transcribe 1')]
  await world.drain([failing])
  await world.db.updateTable('processing_jobs').set({ status: 'running' }).where('id', '=', moved).execute()

  const { code, complaints } = await run(world, ['redrive', '--all'])

  expect(code).toBe(1)
  expect(complaints).toBe(`job ${moved}: a job that is running can not be retried`)
  expect(await world.job(failed)).toMatchObject({ status: 'queued' })
})

it('discards a dead letter with its reason, once, and leaves the job failed', async () => {
  await using world = await testWorld()
  const jobId = (await world.seedAudiobook()).job('transcribe 1')
  await world.drain([failing])
  const { id } = await letterOf(world, jobId)

  const first = await run(world, ['discard', id, '--reason', 'an empty tape'])
  const second = await run(world, ['discard', id, '--reason', 'again'])

  expect(first.code).toBe(0)
  expect(await letterOf(world, jobId)).toMatchObject({
    resolution: 'discarded',
    resolved_by: 'cli:tester',
    reason: 'an empty tape',
  })
  expect(await world.job(jobId)).toMatchObject({ status: 'failed' })
  expect(second).toMatchObject({
    code: 1,
    complaints: `cli:tester has discarded the dead letter ${id} already`,
  })
})

it('counts the jobs of each queue and their entries in Redis', async () => {
  await using world = await testWorld()
  await world.seedAudiobook(2)
  await world.dispatch()

  const { printed } = await run(world, ['depth', '--json'])
  const table = await run(world, ['depth'])

  expect(JSON.parse(printed)).toEqual([
    { queue: 'transcribe', pending: 0, queued: 2, running: 0, failed: 0, entries: 2 },
    { queue: 'embed', pending: 2, queued: 0, running: 0, failed: 0, entries: 0 },
    { queue: 'summarize', pending: 1, queued: 0, running: 0, failed: 0, entries: 0 },
    { queue: 'tag', pending: 1, queued: 0, running: 0, failed: 0, entries: 0 },
  ])
  expect(table.printed).toMatch(
    /^QUEUE +PENDING +QUEUED +RUNNING +FAILED +IN REDIS\ntranscribe +0 +2 +0 +0 +2$/m,
  )
})

it('counts jobs where there is no Redis, and says so', async () => {
  await using world = await testWorld()
  await world.seedAudiobook()

  const { code, printed } = await run(world, ['depth'], { REDIS_URL: undefined })

  expect(code).toBe(0)
  expect(printed).toMatch(/^transcribe +0 +1 +0 +0 +\?$/m)
  expect(printed).toContain('Redis does not answer.')
})

it('says that an id is unknown', async () => {
  await using world = await testWorld()

  const { code, complaints } = await run(world, ['redrive', randomUUID()])

  expect(code).toBe(1)
  expect(complaints).toContain('there is no job and no dead letter with this id')
})

it('says how to start a stack where none has run, and where the database does not answer', async () => {
  await using world = await testWorld()

  const nothing = await run(world, ['list'], { DATABASE_URL: undefined })
  const silent = await run(world, ['list'], { DATABASE_URL: 'postgres://me:hush@127.0.0.1:1/books' })

  expect(nothing.code).toBe(3)
  expect(nothing.complaints).toContain('No stack is running on .data. Start one with `npm start`')
  expect(silent.code).toBe(3)
  expect(silent.complaints).toMatch(/^No database answers at 127[.]0[.]0[.]1:1\/books \(.+\)[.] Start one/)
  expect(silent.complaints).not.toContain('hush')
})

it('ends with the status that scripts can ask for, and prints help where nothing runs', async () => {
  await using world = await testWorld()
  const script = path.resolve(import.meta.dirname, '../queue.ts')
  const env = { ...process.env, DATABASE_URL: world.databaseUrl, REDIS_URL: '', QUEUE_PREFIX: '' }
  const queue = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args], { env })

  await expect(queue('purge')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('purge') })
  await expect(queue('redrive', randomUUID())).rejects.toMatchObject({ code: 1 })
  expect((await queue('help')).stdout).toContain('redrive --queue Q | --all')
  expect((await queue('list')).stdout).toBe('No open dead letters.\n')
})
