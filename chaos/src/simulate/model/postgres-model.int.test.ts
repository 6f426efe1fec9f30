import { type Claim, cancelJob, type JobStore, jobStore } from '@app/jobs'
import { realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { seededRandom } from '../../../../scripts/demo/book/seeded-random.ts'
import type { Link } from '../engine/link.ts'
import { edgesOf, planRows, rowsOf } from '../world/jobs.ts'
import { cancelled } from './operator-statements.ts'
import type { Bugs } from './planted-bugs.ts'
import { Postgres, type Row } from './postgres.ts'
import { PostgresClient } from './postgres-client.ts'
import { simulatedJobStore } from './simulated-job-store.ts'

const STEPS = 60
const WORKERS = ['w1', 'w2', 'w3']
const ENTRIES = ['1-0', '2-0', '3-0', '4-0']
/** Sums of these come close to none of the times that matter. */
const AGES_MS = [4_000, 7_000]
/** Seeds after which a bug has long shown. */
const ENOUGH = 40
const TIMEOUT_MS = 120_000

const atOnce: Link = { call: (serve) => new Promise((give, fail) => serve({ give, fail })) }
const NONE: Bugs = new Set()

/** One of the two, and how to look at it. */
interface Side {
  jobs: JobStore
  rows: () => Promise<Row[]>
  /** Makes everything so much older. */
  age: (ms: number) => Promise<void>
  cancel: (id: string) => Promise<unknown>
}

type Action = (side: Side) => Promise<unknown>

it.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'real Postgres with our statements and the model answer alike, and come to the same, in random steps %i',
  { timeout: TIMEOUT_MS },
  async (seed) => {
    expect(await firstDifference(seed, NONE)).toBeUndefined()
  },
)

it.each(['no-fence', 'dispatched-at-not-cleared'] as const)(
  'these steps tell a model with the planted bug %s from real Postgres',
  { timeout: TIMEOUT_MS },
  async (bug) => {
    let difference: string | undefined
    for (let seed = 0; difference === undefined && seed < ENOUGH; seed += 1)
      difference = await firstDifference(seed, new Set([bug]))

    expect(difference).toBeDefined()
  },
)

it.skipIf(!realPostgres()).each([0, 1, 2, 3, 4, 5, 6, 7])(
  'siblings that complete at the same time release what waits for them once, and alike, %i',
  { timeout: TIMEOUT_MS },
  async (seed) => {
    expect(await overlap(seed, NONE)).toEqual(await overlapForReal(seed))
  },
)

it.skipIf(!realPostgres())(
  'siblings tell a model in which they do not see each other from real Postgres',
  { timeout: TIMEOUT_MS },
  async () => {
    const bugs: Bugs = new Set(['siblings-see-each-other-unfinished'])

    expect(await overlap(1, bugs)).not.toEqual(await overlapForReal(1))
  },
)

/** Does the same to both, and says what differed first. */
async function firstDifference(seed: number, bugs: Bugs): Promise<string | undefined> {
  const random = seededRandom(seed)
  await using world = await testWorld()
  const planned = [
    ...planRows(random, { untilMs: 0, isBusy: false })
      .map((row) => ({ ...row, atMs: 0 }))
      .entries(),
  ]
  const rows = rowsOf(planned, Date.now())
  const [real, model] = [
    await realSide(world, rows, edgesOf(planned)),
    modelSide(rows, edgesOf(planned), bugs),
  ]
  for (let step = 0; step < STEPS; step += 1) {
    const { name, action } = await drawAction(random, real)
    const [answer, modelled] = [await tried(action, real), await tried(action, model)]
    const [is, should] = [await pictureOf(model, modelled), await pictureOf(real, answer)]
    if (is !== should) return `step ${step}, ${name}:\nmodel ${is}\nreal  ${should}`
  }
  return undefined
}

/** What goes wrong counts as an answer. */
const tried = (action: Action, side: Side): Promise<unknown> =>
  action(side).catch((error: Error) =>
    error.name === 'Error' && error.message !== 'saving fails' ? Promise.reject(error) : error.name,
  )

const pictureOf = async (side: Side, answer: unknown): Promise<string> =>
  JSON.stringify({ answer, rows: (await side.rows()).map(pictured) })

/** What of a row is to be the same: of times, whether they are set and past. */
const pictured = (row: Row) => [
  ...[row.id.slice(-2), row.status, row.fence, row.worker_id, row.entry_id, row.waiting_on],
  ...[row.attempts, row.crashes, row.crashes_alone, row.alone, row.hand_backs, row.snoozes, row.deliveries],
  ...[
    row.dispatch_after !== null,
    row.dispatched_at !== null,
    row.started_at !== null,
    row.run_at <= Date.now(),
  ],
]

/** An action with everything drawn beforehand, by what the rows are like, so that most of them hit something. */
async function drawAction(random: () => number, real: Side): Promise<{ name: string; action: Action }> {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  const rows = await real.rows()
  const row = pick(rows)
  const others = [row, ...rows.filter((other) => other !== row && random() < 0.3)]
  const worker = pick([...WORKERS, row.worker_id ?? 'w1'])
  const entry = pick([...ENTRIES, row.entry_id ?? '1-0'])
  const fence = (it: Row) => it.fence + pick([0, 0, 0, 1, -1])
  const run = { jobId: row.id, fence: fence(row), subjectKind: 'sim', subjectId: row.owner_id }
  const holder = { workerId: worker, entryId: entry }
  const claims = others.map((it, index) => ({
    ticket: { v: 1, type: it.type, jobId: it.id, fence: Math.max(fence(it), 0) },
    holder: { workerId: worker, entryId: index === 0 ? entry : `${it.id.slice(-1)}-9` },
  })) as Claim[]
  const completions = others.map((it) => ({ run: { ...run, jobId: it.id, fence: fence(it) }, output: {} }))
  const sent = others.map((it) => ({ id: it.id, fence: fence(it), entryId: pick(ENTRIES) }))
  const suspects = others.map((it) => ({ ...it, fence: fence(it) }))
  const [window, ageMs, delayMs, fails] = [pick([1, 2, 10]), pick(AGES_MS), pick([0, 5_000]), random() < 0.3]
  const windows = { byQueue: new Map([[row.queue, window]]), others: 1 }
  const beat = {
    workerId: worker,
    service: 'sim',
    queues: ['sim', 'sim-plain'],
    jobTypes: [],
    concurrency: window,
  }
  const save = async () => {
    if (fails) throw new Error('saving fails')
    return {}
  }

  const actions: Record<string, Action> = {
    claim: async ({ jobs }) => (await jobs.claim(claims)).map(told),
    takeOver: async ({ jobs }) => told(await jobs.takeOver(row.id, holder)),
    markAlone: ({ jobs }) => jobs.markAlone(run),
    complete: async ({ jobs }) => (await jobs.complete(run, save)).queued,
    completeTogether: async ({ jobs }) => (await jobs.completeTogether(completions)).map((it) => it?.queued),
    committedBy: async ({ jobs }) => (await jobs.committedBy(run)) !== undefined,
    retry: ({ jobs }) => jobs.retry(run, new Error('fails'), delayMs),
    snooze: ({ jobs }) => jobs.snooze(run, new Error('later'), delayMs),
    handBack: ({ jobs }) => jobs.handBack(run),
    bury: async (side) => {
      const before = (await side.rows()).find(({ id }) => id === row.id)
      return (await side.jobs.bury(run, before as never, new Error('fatal'))) !== undefined
    },
    markDue: async ({ jobs }) => {
      const marked = await jobs.markDue(windows, { behind: ZERO, tieBreak: 0 })
      return [marked?.due.map(({ id, fence }) => [id.slice(-2), fence]), marked?.placesLeft]
    },
    confirmSent: ({ jobs }) => jobs.confirmSent(sent),
    freeStaleMarks: ({ jobs }) => jobs.freeStaleMarks(),
    dispatchOutlook: async ({ jobs }) => {
      const { nextDueMs = -1, slots, ...rest } = await jobs.dispatchOutlook()
      return { ...rest, isNextKnown: nextDueMs >= 0, slots: [...slots].sort() }
    },
    sentAWhileAgo: async ({ jobs }) =>
      (await jobs.sentAWhileAgo(ZERO)).map(({ id, entry_id }) => [id, entry_id]),
    withdrawTickets: ({ jobs }) => jobs.withdrawTickets(suspects),
    runsOfTheSilent: async ({ jobs }) =>
      (await jobs.runsOfTheSilent(ZERO)).map(({ id, entry_id }) => [id, entry_id]),
    requeueRuns: ({ jobs }) => jobs.requeueRuns(suspects),
    freeDependants: ({ jobs }) => jobs.freeDependants(),
    beatWorker: ({ jobs }) => jobs.beatWorker(beat),
    forgetWorker: ({ jobs }) => jobs.forgetWorker(worker),
    livingWorkers: async ({ jobs }) => [...(await jobs.livingWorkers())].sort(),
    runningOn: async ({ jobs }) => (await jobs.runningOn(worker)).map(({ id, fence }) => [id, fence]).sort(),
    cancelledAmong: async ({ jobs }) => [...(await jobs.cancelledAmong(rows.map(({ id }) => id)))].sort(),
    age: ({ age }) => age(ageMs),
    cancel: ({ cancel }) => (fails ? cancel(row.id) : Promise.resolve()),
  }
  const name = pick([...OFTEN, ...Object.keys(actions)])
  return { name: `${name} ${row.id.slice(-2)}`, action: actions[name] as Action }
}

const OFTEN = [
  'claim',
  'claim',
  'claim',
  'complete',
  'completeTogether',
  'retry',
  'markDue',
  'markDue',
  'confirmSent',
  'confirmSent',
  'age',
  'takeOver',
  'beatWorker',
]
const ZERO = '00000000-0000-0000-0000-000000000000'

const told = (row: { id: string; fence: number; status: string } | undefined) =>
  row && [row.id, row.fence, row.status]

async function realSide(
  world: World,
  rows: readonly Row[],
  edges: readonly [string, string][],
): Promise<Side> {
  const { db } = world
  const values = rows.map(
    ({ run_at, updated_at, started_at, dispatch_after, dispatched_at, input, ...row }) => ({
      ...row,
      input: JSON.stringify(input),
      ...{ subject_kind: 'sim', subject_id: row.owner_id },
    }),
  )
  await db.insertInto('processing_jobs').values(values).execute()
  for (const [job_id, depends_on] of edges)
    await db.insertInto('job_dependencies').values({ job_id, depends_on }).execute()
  return {
    jobs: jobStore(db),
    async rows() {
      const found = await db.selectFrom('processing_jobs').selectAll().orderBy('id').execute()
      return found.map((row) => ({ ...row, run_at: row.run_at.getTime() }) as unknown as Row)
    },
    async age(ms) {
      const by = sql`${ms} * interval '1 millisecond'`
      await sql`update processing_jobs set run_at = run_at - ${by}, dispatch_after = dispatch_after - ${by},
        dispatched_at = dispatched_at - ${by}`.execute(db)
      await sql`update workers set beat_at = beat_at - ${by}`.execute(db)
    },
    cancel: (id) =>
      cancelJob({ db, bus: undefined }, id, 'an admin').then(
        () => true,
        () => false,
      ),
  }
}

function modelSide(
  rows: readonly Row[],
  edges: readonly [string, string][],
  bugs: Bugs,
): Side & { postgres: Postgres } {
  const postgres = new Postgres(() => Date.now())
  postgres.insert(rows, edges)
  const client = new PostgresClient(postgres, atOnce)
  return {
    postgres,
    jobs: simulatedJobStore(client, bugs),
    rows: async () => [...postgres.rows.values()],
    async age(ms) {
      for (const [id, row] of postgres.rows) {
        const [after, at] = [row.dispatch_after, row.dispatched_at]
        const marks = { dispatch_after: after && after - ms, dispatched_at: at && at - ms }
        postgres.rows.set(id, { ...row, ...marks, run_at: row.run_at - ms })
      }
      for (const [id, worker] of postgres.workers)
        postgres.workers.set(id, { ...worker, beatAt: worker.beatAt - ms })
    },
    cancel: (id) => client.ask((trx) => cancelled(trx, id)),
  }
}

const SIBLINGS = 3

/** Siblings whose saves all begin before any of them ends; in what order they end, and which of them fail, by chance. */
async function overlapping(side: Side, seed: number): Promise<unknown[]> {
  const random = seededRandom(seed)
  const pictures: unknown[] = []
  const ids = (await side.rows()).slice(0, SIBLINGS).map(({ id }) => id)
  const runs = ids.map((jobId) => ({ jobId, fence: 0, subjectKind: 'sim', subjectId: ZERO }))
  await side.jobs.claim(
    ids.map((jobId) => ({
      ticket: { v: 1, type: 'sim', jobId, fence: 0 },
      holder: { workerId: 'w1', entryId: `${jobId.slice(-1)}-0` },
    })),
  )
  const saves = runs.map((run) => {
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const done = side.jobs
      .complete(run, async () => {
        begun.resolve()
        await end.promise
        return {}
      })
      .then(
        ({ queued }) => queued,
        () => 'failed',
      )
    return { begun: begun.promise, end, done }
  })
  await Promise.all(saves.map(({ begun }) => begun))
  const inTurn = saves.map((save) => ({ save, turn: random(), fails: random() < 0.2 }))
  for (const { save, fails } of inTurn.sort((a, b) => a.turn - b.turn)) {
    if (fails) save.end.reject(new Error('saving fails'))
    else save.end.resolve()
    pictures.push([await save.done, (await side.rows()).map(pictured)])
  }
  return pictures
}

function siblings(): { rows: Row[]; edges: [string, string][] } {
  const input = { lastsMs: 0, fails: 0, failsInSave: false, snoozes: 0, fatal: false, poison: false }
  const plan = { atMs: 0, type: 'sim', lane: 'normal', input } as const
  const others = Array.from({ length: SIBLINGS }, (_, index) => index)
  const planned = [
    ...[...others.map(() => ({ ...plan, dependsOn: [] })), { ...plan, dependsOn: others }].entries(),
  ]
  return { rows: rowsOf(planned, Date.now()), edges: edgesOf(planned) }
}

function overlap(seed: number, bugs: Bugs): Promise<unknown[]> {
  const { rows, edges } = siblings()
  return overlapping(modelSide(rows, edges, bugs), seed)
}

async function overlapForReal(seed: number): Promise<unknown[]> {
  const { rows, edges } = siblings()
  await using world = await testWorld()
  return await overlapping(await realSide(world, rows, edges), seed)
}
