import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { promisify } from 'node:util'
import { TranscribeJob } from '@app/contracts'
import { beginProviderCall, endProviderCall, stopProvider } from '@app/db'
import { defineWorker, type Worker } from '@app/jobs'
import { FatalError } from '@app/runtime'
import { insertDeadJobs, insertStuckJobs, testWorld, type World } from '@app/testkit'
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
  expect(both).toMatchObject({ code: 0 })
  expect(both.printed.split('\n').at(-1)).toContain('2 given back, 0 to go')
  expect((await run(world, ['list'])).printed).toBe('No open dead letters.')
})

it('passes over a job that has a new life already', async () => {
  await using world = await testWorld()
  const [one, two] = [await world.seedAudiobook(), await world.seedAudiobook()]
  const [moved, failed] = [one.job('transcribe 1'), two.job('transcribe 1')]
  await world.drain([failing])
  await world.db.updateTable('processing_jobs').set({ status: 'running' }).where('id', '=', moved).execute()

  const { code, printed } = await run(world, ['redrive', '--all'])

  expect(code).toBe(0)
  expect(printed).toContain('1 given back, 0 to go')
  expect(await world.job(moved)).toMatchObject({ status: 'running' })
  expect(await world.job(failed)).toMatchObject({ status: 'queued' })
})

it('leaves a redrive to the services where it should not wait, and stops it', async () => {
  await using world = await testWorld()
  await insertDeadJobs(world.db, { count: 3 })

  const { id } = JSON.parse((await run(world, ['redrive', '--group', 'f1', '--no-wait', '--json'])).printed)
  const shown = await run(world, ['redrives'])
  const stopped = await run(world, ['stop', id])

  expect(shown.printed).toContain(id)
  expect(stopped).toMatchObject({ code: 0 })
  expect(stopped.printed).toContain('stopped by cli:tester')
  expect(JSON.parse((await run(world, ['redrives', id, '--json'])).printed)).toMatchObject({
    status: 'stopped',
    redriven: 0,
    remaining: 3,
  })
})

it('groups dead letters, shows one, and discards a group', async () => {
  await using world = await testWorld()
  const [dead] = await insertDeadJobs(world.db, { count: 3, message: 'no sound' })

  const groups = await run(world, ['groups'])
  const shown = await run(world, ['show', dead?.jobId ?? ''])
  const discarded = await run(world, ['discard', '--group', 'f1', '--reason', 'known', '--json'])

  expect(groups.printed).toMatch(/^f1 +3 .+ tag +llm-refused: no sound$/m)
  expect(shown.printed).toContain('FatalError: no')
  expect(JSON.parse(discarded.printed)).toEqual({ discarded: 3 })
})

it('pauses, drains and resumes a queue, and says why its jobs wait', async () => {
  await using world = await testWorld()
  const jobId = (await world.seedAudiobook()).job('transcribe 1')

  const paused = await run(world, ['pause', 'transcribe', '--reason', 'a new model'])
  const why = await run(world, ['why', jobId])
  const drained = await run(world, ['drain', 'transcribe'])
  await world.db.updateTable('processing_jobs').set({ status: 'running' }).where('id', '=', jobId).execute()
  const late = await run(world, ['drain', 'transcribe', '--timeout', '0'])
  const resumed = await run(world, ['resume', 'transcribe'])
  const unknown = await run(world, ['pause', 'transcrybe'])

  expect(paused).toMatchObject({ code: 0, printed: 'transcribe is paused: 1 wait, 0 still run' })
  expect(why.printed).toContain('queue-paused: cli:tester has paused the queue transcribe')
  expect(drained).toMatchObject({ code: 0, printed: 'transcribe is drained: nothing of it runs' })
  expect(late).toMatchObject({ code: 1, complaints: '1 of transcribe still run; the queue stays paused' })
  expect(resumed).toMatchObject({ code: 0, printed: 'transcribe goes on' })
  expect(unknown).toMatchObject({ code: 1, complaints: 'there is no queue transcrybe' })
})

it('says of each thing that keeps a job from running what it is, when it ends and who holds it', async () => {
  await using world = await testWorld()
  const stuck = await insertStuckJobs(world.db, world.bus)

  for (const { id, code, told } of stuck) {
    const { printed } = await run(world, ['why', id])
    const [, first = ''] = printed.split('\n')
    expect(first).toMatch(new RegExp(`^  ${code}: `))
    expect(first).toMatch(told)
  }
})

it('cancels a job, and all of a book', async () => {
  await using world = await testWorld()
  const book = await world.seedAudiobook()

  const one = await run(world, ['cancel', book.job('tag')])
  const all = await run(world, ['cancel', '--book', book.id, '--json'])

  expect(one).toMatchObject({ code: 0, printed: `job ${book.job('tag')} is cancelled` })
  expect(JSON.parse(all.printed)).toEqual({ cancelled: 3 })
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

  expect(JSON.parse(printed)).toMatchObject([
    { queue: 'download', jobs: {}, entries: 0 },
    { queue: 'transcribe', jobs: { queued: 2 }, entries: 2 },
    { queue: 'embed', jobs: { pending: 2 }, entries: 0 },
    { queue: 'summarize', jobs: { pending: 1 } },
    { queue: 'tag', jobs: { pending: 1 } },
    ...['analyze', 'describe', 'translate', 'deliver'].map((queue) => ({ queue, jobs: {}, entries: 0 })),
  ])
  expect(table.printed).toMatch(/^transcribe +0 +2 +0 +0 +0 +0 +\d+ s +0 +0 +2$/m)
})

it('counts jobs where there is no Redis, and says so', async () => {
  await using world = await testWorld()
  await world.seedAudiobook()

  const { code, printed } = await run(world, ['depth'], { REDIS_URL: undefined })

  expect(code).toBe(0)
  expect(printed).toMatch(/^transcribe +0 +1 +0 +0 +0 +0 +\d+ s +0 +0 +\?$/m)
  expect(printed).toContain('Redis does not answer.')
})

it('shows what providers cost, and which are stopped', async () => {
  await using world = await testWorld()
  const none = await run(world, ['providers'])
  const id = await beginProviderCall(world.db, { provider: 'openai', model: 'gpt-x', operation: 'tag' })
  await endProviderCall(world.db, id, { outcome: 'answered', costUsd: 1.25 })
  await stopProvider(
    world.db,
    { provider: 'openai', fingerprint: 'f', model: '' },
    { code: 'x', sentence: 'OpenAI refuses our key.', isOutage: false, probeInMs: 1, isFailedProbe: false },
  )

  const spend = await run(world, ['spend', '--days', '2'])
  const stopped = await run(world, ['providers'])

  expect(none).toMatchObject({ code: 0, printed: 'No service is configured for a remote provider.' })
  expect(spend.printed).toMatch(/^\d{4}-\d\d-\d\d +openai +gpt-x +tag +1 +0 +0 +1[.]2500$/m)
  expect(spend.printed).toContain('$1.25 in all')
  expect(stopped.printed).toMatch(/^openai +- +all +stopped +- +for \d+ s: OpenAI refuses our key[.]$/m)
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
  expect((await queue('help')).stdout).toContain('--group F | --queue Q | --all')
  expect((await queue('list')).stdout).toBe('No open dead letters.\n')
})
