import { neededBy } from '../../hold-reasons.ts'
import type { JobFacts, LimitFacts, Reason } from './reasons.ts'
import { at, seconds } from './words.ts'

/** Everything that keeps a queued job back, what lasts longest first; where nothing does, what happens next. */
export function reasonsOfQueued(facts: JobFacts): Reason[] {
  const isDue = facts.runAt.getTime() <= facts.now.getTime()
  const kept = [
    ...ofPause(facts),
    ...ofHold(facts),
    ...ofDelay(facts),
    ...ofWorkers(facts),
    ...(isDue ? ofSlots(facts) : []),
    ...ofRedis(facts),
  ]
  return kept.length > 0 ? [...kept, ...ofTicket(facts)] : [...ofTicket(facts), ...ofNothing(facts)]
}

function ofPause({ control, queue }: JobFacts): Reason[] {
  if (!control) return []
  const { pausedBy, pausedAt, reason, draining } = control
  const why = reason === null ? '' : `: ${reason}`
  const message = `${pausedBy} has paused the queue ${queue} at ${at(pausedAt)}${why}`
  return [{ code: 'queue-paused', message, data: { queue, pausedBy, pausedAt, reason, draining } }]
}

function ofHold({ holdReason }: JobFacts): Reason[] {
  if (holdReason === null) return []
  const needed = neededBy(holdReason)
  if (needed === undefined) {
    return [{ code: 'held', message: `it is held: ${holdReason}`, data: { holdReason } }]
  }
  const message = `it is parked, because a worker did not know ${needed}: it goes on once one is there that does`
  return [{ code: 'parked', message, data: { holdReason, needed } }]
}

function ofDelay(facts: JobFacts): Reason[] {
  const { runAt, now, limit, waitingFor, attempts, maxAttempts, errorCode, errorMessage } = facts
  const waitMs = runAt.getTime() - now.getTime()
  if (limit) return [ofLimit(limit, { runAt, now })]
  if (waitMs <= 0) return []
  // Put off by us, and not for a limit: the provider is stopped, or the day's budget is spent.
  if (waitingFor !== null && errorCode !== null) {
    const message = `${errorMessage ?? waitingFor} It looks again at ${at(runAt)}`
    return [{ code: 'put-off', message, data: { waitingFor, runAt, waitMs, errorCode } }]
  }
  const after =
    errorMessage === null
      ? ''
      : `, ${attempts} of ${maxAttempts} attempts spent, the last with: ${errorMessage}`
  const message = `it is delayed until ${at(runAt)}, for another ${seconds(waitMs)} s${after}`
  return [
    { code: 'delayed', message, data: { runAt, waitMs, attempts, maxAttempts, errorCode, errorMessage } },
  ]
}

function ofLimit(limit: LimitFacts, { runAt, now }: Pick<JobFacts, 'runAt' | 'now'>): Reason {
  const waitMs = runAt.getTime() - now.getTime()
  const comes = waitMs > 0 ? `its turn comes at ${at(runAt)}` : 'it was called'
  const refills = refillsAt(limit, now)
  const data = { limit: limit.name, runAt, waitMs, ...limit.state, ...(refills && { refillsAt: refills }) }
  return { code: 'waits-for-limit', message: `${stateOf(limit, refills)}; ${comes}`, data }
}

/** When the bucket has a token for whoever is first; undefined where it is no bucket, or Redis says nothing of it. */
function refillsAt(limit: LimitFacts, now: Date): Date | undefined {
  if (limit.kind !== 'rate' || !limit.state) return undefined
  return new Date(now.getTime() + limit.state.refillsInMs)
}

function stateOf(limit: LimitFacts, refills: Date | undefined): string {
  if (!limit.state) return `it waits for ${limit.name}, of which Redis says nothing`
  const line = `${limit.state.waiting} in the line`
  if (limit.kind === 'rate') {
    return `the bucket ${limit.name} refills at ${at(refills ?? null)}, with ${line}`
  }
  const { holders, most } = limit.state
  const held = holders.length === 0 ? 'nobody' : `job ${holders.join(', ')}`
  return `${limit.name} is held by ${held} (${holders.length} of ${most ?? 'an unknown number'}), with ${line}`
}

function ofWorkers({ workers, queue, type, version }: JobFacts): Reason[] {
  const wanted = `${type}@${version}`
  if (workers.live === 0) {
    return [{ code: 'no-worker', message: `no live worker reads the queue ${queue}`, data: { queue } }]
  }
  if (workers.knowing > 0) return []
  const message = `${workers.live} live workers read the queue ${queue}, and none of them knows ${wanted}`
  return [{ code: 'type-unknown', message, data: { queue, type: wanted, workers: workers.live } }]
}

function ofSlots({ workers, ahead }: JobFacts): Reason[] {
  const { slots, running } = workers
  const reasons: Reason[] = []
  const place = ahead.before === 0 ? 'this one is next' : `about ${ahead.before} start before this one`
  if (slots > 0 && running >= slots) {
    const message = `all slots are busy (${running} of ${slots}); ${place}`
    reasons.push({ code: 'slots-busy', message, data: { running, slots, before: ahead.before } })
  }
  if (ahead.own > 0) {
    const count = `${ahead.isCounted ? '' : 'at least '}${ahead.own}`
    const message = `its owner has ${count} ahead of it in this lane; ${place}`
    reasons.push({ code: 'behind-others', message, data: { own: ahead.own, before: ahead.before } })
  }
  return reasons
}

function ofRedis({ isRedisThere }: JobFacts): Reason[] {
  if (isRedisThere) return []
  return [
    { code: 'redis-away', message: 'Redis does not answer, so no ticket can be sent or read', data: {} },
  ]
}

function ofTicket({ ticket: { at: place, sentAt } }: JobFacts): Reason[] {
  if (place === 'stands') {
    const message = `its ticket stands on the stream since ${at(sentAt)}: the next free worker takes it`
    return [{ code: 'ticket-sent', message, data: { sentAt } }]
  }
  if (place === 'gone') {
    const message = 'its ticket is gone from Redis: reconciling sends another within some 20 seconds'
    return [{ code: 'ticket-lost', message, data: { sentAt } }]
  }
  return []
}

function ofNothing({ ticket }: JobFacts): Reason[] {
  if (ticket.at === 'stands' || ticket.at === 'gone') return []
  return [
    { code: 'due', message: 'it is due: its ticket is sent at the next look, within seconds', data: {} },
  ]
}
