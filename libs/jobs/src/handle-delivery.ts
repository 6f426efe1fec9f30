import type { Delivery } from '@app/bus'
import { Ticket } from '@app/contracts'
import { asError } from '@app/runtime'
import { type ActiveRun, activeRun } from './active-runs.ts'
import { claimJob, type JobRow, takeOverJob } from './claim.ts'
import type { Worker } from './define-worker.ts'
import { persist } from './persist.ts'
import { runJob } from './run-job.ts'
import type { Shell } from './shell.ts'

/** A process that alone can't reach Postgres must not keep tickets from those that can. */
const CLAIM_PATIENCE_MS = 5_000

/**
 * One delivered ticket from claim to acknowledgement. Rejects only where Postgres can't say whose the job is: the
 * entry then goes back undelivered. An entry that stays (Redis away) is dropped by whoever gets it next.
 */
export async function handleDelivery<Deps>(
  shell: Shell,
  worker: Worker<Deps>,
  deps: Deps,
  delivery: Delivery,
  active: ActiveRun = activeRun(delivery),
): Promise<void> {
  const { stream, entryId } = delivery
  const ticket = parseTicket(delivery.ticket)
  if (ticket) {
    // A claim whose answer was lost is asked for again: the same worker and entry get the same row.
    const patience = AbortSignal.any([active.abort.signal, AbortSignal.timeout(CLAIM_PATIENCE_MS)])
    const row = await persist(() => claim(shell, ticket, delivery), patience)
    if (row) {
      active.jobId = row.id
      active.fence = row.fence
      await runJob(shell, worker, deps, row, active)
    }
  } else {
    shell.log.error({ entryId, ticket: delivery.ticket }, 'unreadable ticket set aside')
    await shell.bus.hintFailed(worker.definition.queue, { ticket: delivery.ticket, reason: 'unreadable' })
  }
  await shell.bus
    .acknowledge(stream, shell.workerId, [entryId])
    .catch((error) =>
      shell.log.debug({ err: asError(error) }, 'acknowledgement lost, the entry will be dropped later'),
    )
}

/** Only an entry whose lease ran out is taken over: one that a restarted Redis delivers anew may still be at work. */
async function claim(
  shell: Shell,
  ticket: Ticket,
  { entryId, reclaimed }: Delivery,
): Promise<JobRow | undefined> {
  const holder = { workerId: shell.workerId, entryId }
  const claimed = await claimJob(shell.db, ticket, holder)
  if (claimed || !reclaimed) return claimed
  return await takeOverJob(shell.db, ticket.jobId, holder)
}

function parseTicket(text: string): Ticket | undefined {
  try {
    return Ticket.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
