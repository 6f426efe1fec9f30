import type { Delivery } from '@app/bus'
import { Ticket } from '@app/contracts'
import { asError } from '@app/runtime'
import { type ActiveRun, activeRun } from './active-runs.ts'
import { claimJob, type JobRow, takeOverJob } from './claim.ts'
import type { Worker } from './define-worker.ts'
import { persist } from './persist.ts'
import { runJob } from './run-job.ts'
import type { Shell } from './shell.ts'

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
    const row = await persist(() => claim(shell, ticket, entryId), active.abort.signal)
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

async function claim(shell: Shell, ticket: Ticket, entryId: string): Promise<JobRow | undefined> {
  const holder = { workerId: shell.workerId, entryId }
  return (await claimJob(shell.db, ticket, holder)) ?? (await takeOverJob(shell.db, ticket.jobId, holder))
}

function parseTicket(text: string): Ticket | undefined {
  try {
    return Ticket.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
