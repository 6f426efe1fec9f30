import type { Delivery, Outcome } from '@app/bus'
import { AnyTicket, TICKET_VERSION, Ticket } from '@app/contracts'
import type { z } from 'zod'
import { type ActiveRun, activeRun } from './active-runs.ts'
import type { JobRow } from './claim.ts'
import type { Worker } from './define-worker.ts'
import { ticketsKnownAs } from './hold-reasons.ts'
import { persist } from './persist.ts'
import { runJob } from './run-job.ts'
import type { Shell } from './shell.ts'

/** A process that alone can't reach Postgres must not keep tickets from those that can. */
const CLAIM_PATIENCE_MS = 5_000

/** What a process runs of a queue's jobs: one type of them, or several. */
export type QueueWorkers<Deps> = Worker<Deps> | readonly [Worker<Deps>, ...Worker<Deps>[]]

/**
 * One delivered ticket from claim to what becomes of its entry. Rejects only where Postgres can't say whose the job
 * is: the entry then goes back undelivered.
 */
export async function handleDelivery<Deps>(
  shell: Shell,
  workers: QueueWorkers<Deps>,
  deps: Deps,
  delivery: Delivery,
  active: ActiveRun = activeRun(delivery),
): Promise<Outcome> {
  const ticket = parsed(Ticket, delivery.ticket)
  const known: readonly [Worker<Deps>, ...Worker<Deps>[]] = 'body' in workers ? [workers] : workers
  if (!ticket) return await setAside(shell, known[0].definition.queue, delivery)
  // Read just before somebody began to run alone here: others may have it at once.
  if (!delivery.reclaimed && !shell.gate.isOpen()) return 'hand-back'
  // A claim whose answer was lost is asked for again: the same worker and entry get the same row.
  const patience = () => AbortSignal.any([active.abort.signal, AbortSignal.timeout(CLAIM_PATIENCE_MS)])
  const row = await persist(() => shell.postgres.heed(claim(shell, ticket, delivery)), patience)
  if (!row) return 'done'
  // Its place on the stream is free for the next.
  shell.lookSoon()
  active.jobId = row.id
  active.fence = row.fence
  // Where nobody knows the type, whoever is asked parks the job.
  const worker = known.find(({ definition }) => definition.name === row.type) ?? known[0]
  return await runInTurn(shell, active, row, () => runJob(shell, worker, deps, row, active))
}

/** Alone in this process where the last process that ran the job died of it, perhaps. */
async function runInTurn(
  shell: Shell,
  active: ActiveRun,
  row: JobRow,
  run: () => Promise<void>,
): Promise<Outcome> {
  const { jobs, dispatchSoon } = shell
  const held = { jobId: row.id, fence: row.fence }
  const leave = await enter(shell, active, row)
  if (!leave) {
    await jobs.handBack(held)
    dispatchSoon()
    return 'done'
  }
  try {
    const mine = row.crashes === 0 || (await persist(() => jobs.markAlone(held), active.abort.signal))
    if (mine) await run()
    else shell.onZombie(row.id)
    return 'done'
  } finally {
    leave()
  }
}

/** Returns how to leave again; undefined where the job had better begin in another process. */
async function enter({ gate }: Shell, { abort }: ActiveRun, row: JobRow): Promise<(() => void) | undefined> {
  if (row.crashes === 0) return gate.enter()
  // Somebody is alone here already: others may have a process free, and should that one die, this one was not there.
  if (!gate.isOpen()) return undefined
  // Aborted while it waited: the run ends before it begins, as its signal says.
  return await gate.enterAlone(abort.signal).catch(() => () => {})
}

/** Only an entry whose lease ran out is taken over: one that a restarted Redis delivers anew may still be at work. */
async function claim(
  shell: Shell,
  ticket: Ticket,
  { entryId, reclaimed }: Delivery,
): Promise<JobRow | undefined> {
  const holder = { workerId: shell.workerId, entryId }
  const claimed = await shell.claim({ ticket, holder })
  if (claimed) {
    const { type, run_at, updated_at } = claimed
    shell.metrics.pickupSeconds.observe({ type }, (updated_at.getTime() - run_at.getTime()) / 1_000)
  }
  if (claimed || !reclaimed) return claimed
  const taken = await shell.jobs.takeOver(ticket.jobId, holder)
  if (taken) shell.metrics.takenOver.inc({ type: taken.type })
  return taken
}

/**
 * A ticket that says nothing to us. The job of a newer one is parked, as after any upgrade; whose job another one was
 * nobody knows: that is worth an alarm, and the job is found by reconciling, as one without a ticket.
 */
async function setAside(shell: Shell, queue: string, { entryId, ticket }: Delivery): Promise<Outcome> {
  const newer = parsed(AnyTicket, ticket)
  if (newer && newer.v !== TICKET_VERSION) {
    const hold = `unknown-ticket:${ticketsKnownAs(newer.v)}` as const
    const patience = () => AbortSignal.timeout(CLAIM_PATIENCE_MS)
    const parked = await persist(() => shell.jobs.parkUnclaimed(newer, hold), patience)
    if (parked) shell.onParked(newer.jobId, hold)
    return 'done'
  }
  shell.log.error({ entryId, ticket }, 'unreadable ticket set aside')
  shell.metrics.ticketsUnreadable.inc({ queue })
  await shell.bus.hintFailed(queue, { ticket, reason: 'unreadable' })
  return 'done'
}

function parsed<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> | undefined {
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
