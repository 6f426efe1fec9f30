import { DeliverJob } from '@app/contracts'
import type { Db } from '@app/db'
import { DELIVERY_FAILED } from '@app/flows'
import { defineWorker } from '@app/jobs'
import type { Reach } from '@app/net'
import { PutOffError, RetryLaterError } from '@app/runtime'
import type { z } from 'zod'
import { type Answer, mostTriesOf, type NextMove, planNextTry } from './plan/plan-next-try.ts'
import { postMessage } from './post-message.ts'
import { type DeliveryToSend, deliveryToSend } from './queries/delivery-to-send.ts'
import { endDelivery } from './queries/end-delivery.ts'
import { noteFailedTry } from './queries/note-failed-try.ts'

export interface DeliverDeps {
  db: Db
  /** Where messages may go. */
  reach: Reach
  /** For one try. */
  timeoutMs: number
  /** Tries at once, over all processes, for one owner and to one host: a receiver that hangs holds up its own. */
  mostOfOwner: number
  mostToHost: number
}

type Ended = z.output<typeof DeliverJob.result>

/** One message → its webhook, by one try a run. A try whose run dies before it is counted is made again. */
export const deliver = defineWorker(DeliverJob, {
  limits: ({ ownerId }, { mostOfOwner }: DeliverDeps) => [
    { kind: 'concurrency', key: `deliver-owner:${ownerId}`, most: mostOfOwner },
  ],

  async run(job, { db, mostToHost, ...deps }: DeliverDeps, { signal, limits }): Promise<Ended> {
    const { deliveryId } = job.input
    const delivery = await deliveryToSend(db, deliveryId)
    if (!delivery || delivery.status === 'delivered') return { ended: 'nothing', tried: false }
    const { disabledReason } = delivery
    if (disabledReason !== null) {
      return { ended: 'failed', tried: false, error: `not sent, the webhook is disabled: ${disabledReason}` }
    }
    refuseTooSoon(delivery)
    await limits.take({ kind: 'concurrency', key: `deliver-host:${hostOf(delivery)}`, most: mostToHost })

    const answer = await postMessage(
      { ...delivery, id: deliveryId },
      { ...deps.reach, timeoutMs: deps.timeoutMs, signal },
    )
    const [tries, mostTries] = [delivery.tries + 1, mostTriesOf(delivery.eventType)]
    const next = planNextTry(answer, { tries, mostTries, random: Math.random() })
    if (next.kind !== 'retry') return endOf(answer, next)
    const { status, error = 'failed' } = answer
    await noteFailedTry(db, job, { ...next, deliveryId, status, error })
    const message = `try ${tries} of ${mostTries}: ${error}`
    throw new RetryLaterError(DELIVERY_FAILED, message, { retryAfterMs: next.delayMs })
  },

  async save(trx, { input }, result) {
    const attempts = await endDelivery(trx, input.deliveryId, result)
    return { delivered: result.ended === 'delivered', attempts }
  },
})

function endOf({ status, error }: Answer, next: Exclude<NextMove, { kind: 'retry' }>): Ended {
  const answered = { tried: true, ...(status === undefined ? {} : { status }) }
  if (next.kind === 'delivered') return { ended: 'delivered', ...answered }
  return { ended: 'failed', gone: next.gone, ...answered, ...(error === undefined ? {} : { error }) }
}

/** A run that died after its try was counted comes back at once; and its webhook may have asked for less. */
function refuseTooSoon({ waitMs, throttleMs, webhookId }: DeliveryToSend): void {
  if (waitMs > 0) {
    throw new RetryLaterError(DELIVERY_FAILED, 'the next try is not due yet', { retryAfterMs: waitMs })
  }
  if (throttleMs > 0) {
    throw new PutOffError('webhook-throttled', 'the receiver has asked to be sent less', {
      ...{ waitingFor: `webhook:${webhookId}`, retryAfterMs: throttleMs },
    })
  }
}

/** Part of a key that takes neither braces nor great lengths. */
const hostOf = ({ url }: DeliveryToSend): string => encodeURIComponent(new URL(url).hostname).slice(-150)
