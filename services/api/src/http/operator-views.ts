import type {
  DeadLetterFull,
  DeadLetterGroups,
  DeadLetterView,
  QueueView,
  RedriveProgress as RedriveProgressView,
  RedriveView,
} from '@app/contracts'
import type {
  DeadLetter,
  DeadLetterDetail,
  DeadLetterGroup,
  QueueState,
  Redrive,
  RedriveProgress,
} from '@app/jobs'

/** A queue as operators see it over HTTP. */
export function queueView({ control, oldestWaitingMs, ...state }: QueueState): QueueView {
  const { queue, depth, jobs, lanes, parked, workers, slots, entries } = state
  return {
    ...{ queue, depth, jobs, lanes, parked, workers, slots, entries },
    oldest_waiting_s: oldestWaitingMs === null ? null : Math.round(oldestWaitingMs) / 1_000,
    paused: control && {
      by: control.pausedBy,
      at: control.pausedAt.toISOString(),
      reason: control.reason,
      draining: control.draining,
    },
  }
}

export function deadLetterView(letter: DeadLetter): DeadLetterView {
  return {
    id: letter.id,
    job_id: letter.jobId,
    job_type: letter.jobType,
    queue: letter.queue,
    error_class: letter.errorClass,
    error_code: letter.errorCode,
    fingerprint: letter.fingerprint,
    message: letter.message,
    attempts: letter.attempts,
    crashes: letter.crashes,
    worker_id: letter.workerId,
    first_seen_at: letter.firstSeenAt.toISOString(),
    died_at: letter.diedAt.toISOString(),
  }
}

export function deadLetterFull(letter: DeadLetterDetail): DeadLetterFull {
  return {
    ...deadLetterView(letter),
    stack: letter.stack,
    job_status: letter.jobStatus,
    resolution: letter.resolution,
    resolved_at: letter.resolvedAt?.toISOString() ?? null,
    resolved_by: letter.resolvedBy,
    reason: letter.reason,
    redrive_id: letter.redriveId,
  }
}

export function deadLetterGroupView(group: DeadLetterGroup): DeadLetterGroups['groups'][number] {
  return {
    fingerprint: group.fingerprint,
    count: group.count,
    first_seen_at: group.firstSeenAt.toISOString(),
    last_seen_at: group.lastSeenAt.toISOString(),
    job_types: group.jobTypes,
    queues: group.queues,
    error_code: group.errorCode,
    sample_message: group.sampleMessage,
  }
}

export function redriveView(redrive: Redrive): RedriveView {
  return {
    id: redrive.id,
    queue: redrive.queue,
    fingerprint: redrive.fingerprint,
    per_second: rounded(redrive.perSecond),
    most_failures: rounded(redrive.mostFailures),
    requested_by: redrive.requestedBy,
    created_at: redrive.createdAt.toISOString(),
    status: redrive.status,
    stop_reason: redrive.stopReason,
    ended_at: redrive.endedAt?.toISOString() ?? null,
  }
}

export function redriveProgressView(redrive: RedriveProgress): RedriveProgressView {
  const { remaining, redriven, completed, failedAgain, cancelled, underWay, refused } = redrive
  const counts = { remaining, redriven, completed, cancelled, refused }
  return { ...redriveView(redrive), ...counts, failed_again: failedAgain, under_way: underWay }
}

/** Postgres keeps these in four bytes: 0.2 comes back as 0.200000003. */
const rounded = (value: number): number => Number(value.toPrecision(6))
