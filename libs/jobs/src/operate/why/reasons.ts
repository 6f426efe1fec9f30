import type { JobStatus, Lane } from '@app/contracts'
import type { QueueControl } from '../queue-controls.ts'

/** Another job that matters to this one. */
export interface RelatedJob {
  id: string
  type: string
  status: JobStatus
  errorMessage: string | null
}

/** Some of the related jobs, those that went wrong first, and how many there are. */
export interface Related {
  jobs: readonly RelatedJob[]
  count: number
}

/** The limit a job waits for; `state` is undefined where Redis can't be asked or knows nothing of it. */
export type LimitFacts =
  | {
      kind: 'rate'
      name: string
      state?: { tokens: number; refillsInMs: number; waiting: number } | undefined
    }
  | {
      kind: 'concurrency'
      name: string
      state?: { most: number | undefined; waiting: number; holders: readonly string[] } | undefined
    }

/** All that can keep a job from running, as of one moment by Postgres' clock. */
export interface JobFacts {
  id: string
  type: string
  version: number
  queue: string
  lane: Lane
  status: JobStatus
  now: Date
  runAt: Date
  startedAt: Date | null
  completedAt: Date | null
  holdReason: string | null
  /** What a queued job was put off for: a limit, a provider, a budget. */
  waitingFor: string | null
  alone: boolean
  attempts: number
  maxAttempts: number
  errorCode: string | null
  errorMessage: string | null
  blockers: Related
  children: Related
  control: QueueControl | null
  workers: {
    /** Living ones that read this queue, and what they run at once. */
    live: number
    slots: number
    running: number
    /** Those of them that can run this type and version. */
    knowing: number
  }
  holder: { workerId: string; service: string | null; silentMs: number | null; isLive: boolean } | null
  limit: LimitFacts | null
  /** Where its ticket is. `waits` is in Postgres, `unknown` where Redis can't be asked. */
  ticket: { at: 'waits' | 'on-its-way' | 'stands' | 'gone' | 'unknown'; sentAt: Date | null }
  ahead: {
    /** Of the same owner in the same lane, before this one; counted up to a limit. */
    own: number
    isCounted: boolean
    /** An estimate of how many start before this one. */
    before: number
  }
  isRedisThere: boolean
  deadLetter: {
    id: string
    errorCode: string
    message: string
    diedAt: Date
    resolution: string | null
  } | null
  /** Who cancelled it, where an operator did. */
  cancelledBy: string | null
}

/** One reason why a job does not run, for programs and for people. */
export interface Reason {
  code: ReasonCode
  message: string
  data: Record<string, unknown>
}

export type ReasonCode =
  | 'awaiting-release'
  | 'behind-others'
  | 'cancelled'
  | 'completed'
  | 'dead-letter'
  | 'delayed'
  | 'due'
  | 'failed'
  | 'held'
  | 'no-worker'
  | 'parked'
  | 'put-off'
  | 'queue-paused'
  | 'redis-away'
  | 'running'
  | 'slots-busy'
  | 'ticket-lost'
  | 'ticket-sent'
  | 'type-unknown'
  | 'waits-for-children'
  | 'waits-for-job'
  | 'waits-for-limit'
  | 'worker-silent'
