import type { Db } from '@app/db'
import { defineWorker, type Job, type RunContext, type Worker } from '@app/jobs'
import { abortableDelay, FatalError } from '@app/runtime'
import { type RawBuilder, sql } from 'kysely'
import { type Behaviour, type ChaosJobInput, UpgradedJob, UpgradedJobV1, WorkJob } from './definitions.ts'

export interface Deps {
  db: Db
}

type Run = (job: Job<ChaosJobInput>, context: RunContext, deps: Deps) => Promise<unknown>

/** Time for neighbours to begin before their process goes. */
const BEFORE_EXIT_MS = 300
/** From this fence on a job that blocks does not any more: it is slow, not poisonous. */
const BLOCKS_UNTIL_FENCE = 2

const STEPS = ['one', 'two', 'three', 'four', 'five']

const RUNS: Record<Behaviour, Run> = {
  plain: async ({ input }, { signal, report }) => {
    report(0.1, 'working')
    await abortableDelay(input.lastsMs / 2, signal)
    report(0.5)
    await abortableDelay(input.lastsMs / 2, signal)
  },

  'fail-twice': async ({ input, attempt }, { signal }) => {
    await abortableDelay(input.lastsMs, signal)
    if (attempt <= 2) throw new Error('fails twice')
  },

  steps: async ({ id, fence, input }, { signal, step }, { db }) => {
    for (const key of STEPS) {
      await step(key, async () => {
        note(db, sql`insert into step_calls (job_id, key, fence) values (${id}, ${key}, ${fence})`)
        await abortableDelay(input.lastsMs / STEPS.length, signal)
        return fence
      })
    }
  },

  'always-fail': async () => {
    throw new FatalError('chaos-intended', 'always fails')
  },

  'block-event-loop': async ({ input, fence }) => {
    // Nothing else in this process moves meanwhile: no beat, no timer, no answer.
    if (fence < BLOCKS_UNTIL_FENCE)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, input.lastsMs)
  },

  'exit-process': async (_job, { signal }) => {
    await abortableDelay(BEFORE_EXIT_MS, signal)
    process.exit(7)
  },
}

/** All workers of a process that knows the old or the new versions. */
export function workersOf(knows: 'old' | 'new'): Worker<Deps>[] {
  return [workerOf(WorkJob), workerOf(knows === 'new' ? UpgradedJob : UpgradedJobV1)]
}

/** Each saved run leaves a row, in a table without any unique key: what is committed twice stands there twice. */
const workerOf = (definition: typeof WorkJob | typeof UpgradedJob): Worker<Deps> =>
  defineWorker(definition, {
    async run(job, { db }: Deps, context) {
      note(db, sql`insert into run_starts (job_id, worker_pid) values (${job.id}, ${process.pid})`)
      await RUNS[job.input.behaviour](job, context, { db })
      return {}
    },
    async save(trx, { id, fence }) {
      await sql`insert into effects (job_id, fence) values (${id}, ${fence})`.execute(trx)
      return {}
    },
  })

/** Nobody waits for it: while something is broken a note may be missing. */
function note(db: Db, insert: RawBuilder<unknown>): void {
  insert.execute(db).catch(() => {})
}
