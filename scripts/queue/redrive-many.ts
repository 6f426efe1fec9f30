import {
  countOpenDeadLetters,
  type DeadLetterFilter,
  type RedriveProgress,
  redriveProgress,
  startRedrive,
  stepRedrives,
} from '@app/jobs'
import { abortableDelay } from '@app/runtime'
import type { Outcome, QueueContext } from './outcome.ts'

const EVERY_MS = 500

interface RedriveMany {
  filter: DeadLetterFilter
  perSecond: number
  mostFailures: number
  waits: boolean
}

/**
 * Gives many dead letters back at a pace, and goes along until that is done: so it works where no service runs, and
 * goes on without us where some do.
 */
export async function redriveMany(context: QueueContext, wanted: RedriveMany): Promise<Outcome> {
  const { db, who } = context
  const { filter, waits, ...pace } = wanted
  if ((await countOpenDeadLetters(db, filter)) === 0) {
    return { lines: ['No open dead letters: nothing to do.'], data: null }
  }
  const { id } = await startRedrive(db, { ...filter, ...pace, who })
  if (!waits) {
    return {
      lines: [`redrive ${id} has begun: \`npm run queue -- redrives ${id}\` tells how far it is`],
      data: { id },
    }
  }
  const end = await goAlong(context, id)
  const lines = [`redrive ${id}: ${describeProgress(end)}`]
  if (end.status === 'done') return { lines, data: end }
  return { lines, data: end, failures: [`it was stopped: ${end.stopReason}`] }
}

export const describeProgress = (progress: RedriveProgress): string => {
  const { redriven, remaining, completed, failedAgain, underWay, cancelled, refused } = progress
  const also = [
    cancelled > 0 ? `, ${cancelled} cancelled` : '',
    refused > 0 ? `; ${refused} refused` : '',
  ].join('')
  return `${redriven} given back, ${remaining} to go; ${completed} completed, ${failedAgain} failed again, ${underWay} under way${also}`
}

/** Ends when the redrive does. Every turn of ours is one that a service need not take. */
async function goAlong({ db, bus, progress }: QueueContext, id: string): Promise<RedriveProgress> {
  for (let told = ''; ; ) {
    if ((await stepRedrives(db)) > 0) await bus?.wakeDispatchers().catch(() => {})
    const now = await redriveProgress(db, id)
    if (now.status !== 'running') return now
    const line = describeProgress(now)
    if (line !== told) progress(line)
    told = line
    await abortableDelay(EVERY_MS)
  }
}
