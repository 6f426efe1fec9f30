import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { type Bus, LEASE_MS, LeaseKeeper, type StartLeaseThread } from '@app/bus'
import { type JobEvent, jobDefinition } from '@app/contracts'
import type { Db } from '@app/db'
import { createBatches, type Logger } from '@app/runtime'
import { type ActiveRun, type ActiveRuns, createActiveRuns } from './active-runs.ts'
import { createPace, type Pace } from './admission.ts'
import type { Claim, JobRow } from './claim.ts'
import type { Committed } from './complete.ts'
import type { Completion } from './complete-together.ts'
import type { HoldReason } from './hold-reasons.ts'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { type JobStore, jobStore } from './job-store.ts'
import { createProcessLimits, type ProcessLimits } from './limits/process-limits.ts'
import type { JobDefinitions } from './plan-graph.ts'
import { createPostgresGate, type PostgresGate } from './postgres-gate.ts'
import { createSoloGate, type SoloGate } from './solo-gate.ts'

/** Nobody sees the difference, and a busy process sends a tenth as many commands. */
const EVENTS_WITHIN_MS = 5

/** What the parts of a worker process share. */
export interface Shell {
  db: Db
  /** What the life of a job asks of Postgres. */
  jobs: JobStore
  bus: Bus
  redisUrl: string
  log: Logger
  /** Names this process, and no other before or after it: a consumer of the groups and a row of `workers`. */
  workerId: string
  active: ActiveRuns
  /** Where the types of a job's children are looked up. */
  definitions: JobDefinitions
  /** Renews the leases of what is active, from a thread of its own. */
  leases: LeaseKeeper<ActiveRun>
  /** An entry that nobody renewed for this long may be taken over. */
  leaseMs: number
  gate: SoloGate
  /** What the runs of this process hold of limits that they share with all others. */
  limits: ProcessLimits
  /** Shut while Postgres is away: nothing new is read. */
  postgres: PostgresGate
  pace: Pace
  metrics: JobMetrics
  /** Claims, completions without rows of their own and events each share round trips with what comes meanwhile. */
  claim: (claim: Claim) => Promise<JobRow | undefined>
  /** Undefined where the job is not this run's any more. */
  complete: (completion: Completion) => Promise<Committed | undefined>
  publishEvent: (event: JobEvent) => Promise<unknown>
  /** Called when something is due. */
  dispatchSoon: () => void
  /** Called when something that waits may have a place, or falls due later. */
  lookSoon: () => void
  /** Called for each job that was parked, because this process does not know its type, its version or its ticket. */
  onParked: (jobId: string, hold: HoldReason) => void
  /** Called for what a run would write after it has lost its job: it is dropped. */
  onZombie: (jobId: string) => void
}

type ShellParts = Pick<Shell, 'db' | 'bus' | 'redisUrl' | 'log' | 'dispatchSoon'> & {
  lookSoon?: () => void
  /** Default 12 s; the same for all processes of an installation. */
  leaseMs?: number | undefined
  pace?: Pace
  metrics?: JobMetrics | undefined
  /** Default: the product's job types. */
  definitions?: JobDefinitions | undefined
  /** What a simulation has in place of Postgres, of a thread and of chance. */
  simulated?: Simulated | undefined
}

export interface Simulated {
  jobs: JobStore
  workerId: string
  startLeaseThread: StartLeaseThread
}

export function createShell(service: string, { leaseMs = LEASE_MS, simulated, ...parts }: ShellParts): Shell {
  const workerId = simulated?.workerId ?? newWorkerId(service)
  const active = createActiveRuns()
  const jobs = simulated?.jobs ?? jobStore(parts.db)
  const { bus, pace = createPace(), metrics = createJobMetrics(), definitions = jobDefinition } = parts
  return {
    lookSoon: parts.dispatchSoon,
    ...parts,
    jobs,
    workerId,
    active,
    definitions,
    leaseMs,
    leases: new LeaseKeeper({
      url: parts.redisUrl,
      consumer: workerId,
      leaseMs,
      startThread: simulated?.startLeaseThread,
      onLost: (run) => active.abort(run, 'lost', 'another worker has taken the job over'),
      onError: (err) => parts.log.debug({ err }, 'leases'),
    }),
    gate: createSoloGate(),
    limits: createProcessLimits(parts),
    postgres: createPostgresGate({
      ping: jobs.ping,
      onAway: (err) => parts.log.warn({ err }, 'Postgres is away: nothing new is read, what runs goes on'),
      onBack: () => parts.log.info('Postgres answers again'),
    }),
    pace,
    metrics,
    claim: createBatches(jobs.claim),
    complete: createBatches(jobs.completeTogether),
    publishEvent: createBatches(
      async (events: readonly JobEvent[]) => {
        await bus.publishEvents(events)
        return []
      },
      { gatherMs: EVENTS_WITHIN_MS },
    ),
    onParked: createParkingLog(parts.log),
    onZombie: (jobId) => {
      metrics.zombieWrites.inc()
      parts.log.warn({ jobId }, 'this run had lost its job: its result is dropped')
    },
  }
}

const newWorkerId = (service: string): string =>
  `${service}-${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`

/** A warning for each thing that is unknown: before an upgrade thousands of jobs may need it. */
function createParkingLog(log: Logger): Shell['onParked'] {
  const told = new Set<string>()
  return (jobId, hold) => {
    if (told.has(hold)) log.debug({ jobId, hold }, 'job parked')
    else log.warn({ jobId, hold }, 'jobs are parked until a worker comes that knows them')
    told.add(hold)
  }
}

type EventBody<T extends JobEvent['type']> = Omit<
  Extract<JobEvent, { type: T }>,
  'type' | 'jobId' | 'jobType' | 'subjectKind' | 'subjectId' | 'at'
>

/** Tells whoever listens. A hint: nobody waits for it, and losing it loses nothing. */
export function tell<T extends JobEvent['type']>(
  shell: Shell,
  job: Pick<JobRow, 'id' | 'type' | 'subject_kind' | 'subject_id'>,
  type: T,
  body: EventBody<T>,
): void {
  const event = {
    type,
    jobId: job.id,
    jobType: job.type,
    subjectKind: job.subject_kind,
    subjectId: job.subject_id,
    at: new Date().toISOString(),
    ...body,
  } as unknown as JobEvent
  shell.publishEvent(event).catch(() => {})
}
