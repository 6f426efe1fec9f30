import type { JobFacts, Reason, Related } from './reasons.ts'
import { reasonsOfQueued } from './reasons-of-queued.ts'
import { at, seconds } from './words.ts'

/** Why this job does not run: what is decisive first. Never empty. Pure. */
export function reasonsOf(facts: JobFacts): Reason[] {
  switch (facts.status) {
    case 'pending':
      return ofPending(facts)
    case 'queued':
      return reasonsOfQueued(facts)
    case 'running':
      return ofRunning(facts)
    case 'waiting':
      return ofWaiting(facts)
    case 'completed': {
      const { completedAt } = facts
      return [{ code: 'completed', message: `it completed at ${at(completedAt)}`, data: { completedAt } }]
    }
    case 'failed':
      return [ofFailed(facts)]
    case 'cancelled': {
      const { completedAt, cancelledBy } = facts
      const by = cancelledBy === null ? '' : ` by ${cancelledBy}`
      const message = `it was cancelled${by} at ${at(completedAt)}`
      return [{ code: 'cancelled', message, data: { cancelledAt: completedAt, cancelledBy } }]
    }
  }
}

function ofPending({ blockers }: JobFacts): Reason[] {
  const waits = blockers.jobs.map(({ id, type, status, errorMessage }): Reason => {
    const why = errorMessage === null ? '' : `: ${errorMessage}`
    const hint =
      status === 'failed' || status === 'cancelled' ? ', and goes on once that one is redriven' : ''
    return {
      code: 'waits-for-job',
      message: `it waits for ${type} ${id}, which is ${status}${why}${hint}`,
      data: { jobId: id, jobType: type, status, errorMessage },
    }
  })
  if (waits.length > 0) return [...waits, ...more(blockers, 'it waits for')]
  const message = 'all that it waited for is done: the next look of any process frees it'
  return [{ code: 'awaiting-release', message, data: {} }]
}

function ofRunning({ holder, startedAt, alone }: JobFacts): Reason[] {
  const worker = holder?.workerId ?? 'a worker'
  const since = startedAt === null ? '' : ` since ${at(startedAt)}`
  const apart = alone ? ', with its process to itself once what runs there has ended' : ''
  const data = { workerId: holder?.workerId ?? null, service: holder?.service ?? null, startedAt, alone }
  const running: Reason = { code: 'running', message: `it runs on ${worker}${since}${apart}`, data }
  if (!holder || holder.isLive) return [running]
  const { silentMs } = holder
  const silence = silentMs === null ? 'is gone' : `has been silent for ${seconds(silentMs)} s`
  const message = `its worker ${silence}: another takes it over as soon as the lease has run out`
  return [{ code: 'worker-silent', message, data: { workerId: holder.workerId, silentMs } }, running]
}

function ofWaiting({ children }: JobFacts): Reason[] {
  const bad = children.jobs.filter(({ status }) => status === 'failed' || status === 'cancelled')
  const named = bad.map(({ id, type, status }) => `; ${type} ${id} is ${status}`).join('')
  const jobs = children.jobs.map(({ id, type, status }) => ({ jobId: id, jobType: type, status }))
  const message = `it waits for its children, ${children.count} of which are not done${named}`
  return [{ code: 'waits-for-children', message, data: { open: children.count, children: jobs } }]
}

function ofFailed({ deadLetter, errorCode, errorMessage }: JobFacts): Reason {
  if (!deadLetter) {
    const message = `it failed: ${errorMessage ?? 'nobody wrote down why'}`
    return { code: 'failed', message, data: { errorCode, errorMessage } }
  }
  const { id, diedAt, message: why, resolution } = deadLetter
  const end = resolution === 'discarded' ? ', and was discarded' : ', and waits to be redriven or discarded'
  return {
    code: 'dead-letter',
    message: `it is a dead letter since ${at(diedAt)} because ${why}${end}`,
    data: { deadLetterId: id, errorCode: deadLetter.errorCode, errorMessage: why, diedAt, resolution },
  }
}

function more({ jobs, count }: Related, what: string): Reason[] {
  const others = count - jobs.length
  if (others <= 0) return []
  return [{ code: 'waits-for-job', message: `${what} ${others} more`, data: { others } }]
}
