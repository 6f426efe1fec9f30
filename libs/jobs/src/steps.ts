import { type Db, sqlState } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { FenceLostError } from './complete.ts'
import { persist } from './persist.ts'
import type { Run } from './run.ts'

/** Larger values belong in object storage, and their keys here. */
const MOST_VALUE_BYTES = 256 * 1024
const MOST_KEY_LENGTH = 200
/** What JSON allows and `jsonb` does not: NUL, and halves of surrogate pairs. */
const NOT_JSONB = new Set(['22P02', '22P05'])

/**
 * Does `work` once for the job, however often that is run: its value is kept, and a later run gets it without calling
 * `work`. A run that dies between `work`'s end and the keeping of it calls it again.
 *
 * The value is what JSON makes of it (`undefined` is null). Errors: `step-key-invalid`, `step-value-not-json`,
 * `step-value-too-large`, `job-fence-lost`, and whatever `work` throws; the next call then tries it again.
 */
export type Step = <Value>(key: string, work: () => Value | Promise<Value>) => Promise<Value>

interface StepsOptions {
  db: Db
  run: Pick<Run, 'jobId' | 'fence'>
  signal: AbortSignal
  /** The row was no longer this run's. */
  onLost: () => void
}

/** The steps of one run. Rows go with the job's completion; until then they outlive retries, crashes and redrives. */
export function createSteps(options: StepsOptions): Step {
  const taken = new Map<string, Promise<unknown>>()
  let finished: Promise<ReadonlySet<string>> | undefined

  return stepOf

  function stepOf<Value>(key: string, work: () => Value | Promise<Value>): Promise<Value> {
    const known = taken.get(key)
    if (known !== undefined) return known as Promise<Value>
    const step = take(key, work)
    taken.set(key, step)
    // Handled here as well: a step that nobody waits for must not end the process.
    step.catch(() => taken.delete(key))
    return step as Promise<Value>
  }

  async function take(key: string, work: () => unknown): Promise<unknown> {
    refuseKey(key)
    options.signal.throwIfAborted()
    finished ??= finishedKeys(options)
    finished.catch(() => {
      finished = undefined
    })
    if ((await finished).has(key)) return await keptValue(options, key)
    options.signal.throwIfAborted()
    const json = jsonOf(key, await work())
    await keep(options, key, json)
    return JSON.parse(json)
  }
}

async function finishedKeys({ db, run, signal }: StepsOptions): Promise<ReadonlySet<string>> {
  const query = db.selectFrom('job_steps').select('key').where('job_id', '=', run.jobId)
  const rows = await persist(() => query.execute(), signal)
  return new Set(rows.map((row) => row.key))
}

async function keptValue({ db, run, signal }: StepsOptions, key: string): Promise<unknown> {
  const query = db
    .selectFrom('job_steps')
    .select('value')
    .where('job_id', '=', run.jobId)
    .where('key', '=', key)
  return (await persist(() => query.executeTakeFirstOrThrow(), signal)).value
}

/**
 * Fenced, and share-locked: whoever takes the job over while this is written waits, and sees the step. A conflict is
 * with this run's own first try, whose answer was lost.
 */
async function keep({ db, run, signal, onLost }: StepsOptions, key: string, json: string): Promise<void> {
  const insert = sql`
    insert into job_steps (job_id, key, value, fence)
    select id, ${key}, ${json}::jsonb, fence from processing_jobs
    where id = ${run.jobId} and status = 'running' and fence = ${run.fence}
    for share
    on conflict (job_id, key) do update set value = excluded.value, fence = excluded.fence
    returning key`
  const { rows } = await persist(() => insert.execute(db), signal).catch((error) => {
    throw NOT_JSONB.has(sqlState(error) ?? '') ? notJson(key, error) : error
  })
  if (rows.length > 0) return
  onLost()
  throw new FenceLostError(run.jobId)
}

function refuseKey(key: string): void {
  if (key.length > 0 && key.length <= MOST_KEY_LENGTH && !key.includes('\0')) return
  throw new FatalError('step-key-invalid', `a step's key has 1 to ${MOST_KEY_LENGTH} characters, none NUL`)
}

function jsonOf(key: string, value: unknown): string {
  const json = stringify(key, value === undefined ? null : value)
  const bytes = Buffer.byteLength(json)
  if (bytes <= MOST_VALUE_BYTES) return json
  throw new FatalError(
    'step-value-too-large',
    `the value of step ${key} has ${bytes} bytes, at most ${MOST_VALUE_BYTES} are kept: store it, and keep its key`,
  )
}

function stringify(key: string, value: unknown): string {
  try {
    const json: string | undefined = JSON.stringify(value)
    if (json !== undefined) return json
  } catch (error) {
    throw notJson(key, error)
  }
  throw notJson(key, undefined)
}

const notJson = (key: string, cause: unknown): FatalError =>
  new FatalError('step-value-not-json', `the value of step ${key} is nothing that JSON can hold`, { cause })
