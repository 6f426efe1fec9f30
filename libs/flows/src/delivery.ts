import type { PlannedJob } from './planned-job.ts'

/** What the jobs about a webhook's message are about: no part of what the message tells of. */
export const DELIVERY = 'webhook-delivery'

/** The code such a job is put off with between two tries: whoever wants the next one at once looks for it. */
export const DELIVERY_FAILED = 'delivery-failed'

/** The job that sends one message to one webhook. */
export function planDelivery({ deliveryId, ownerId }: { deliveryId: string; ownerId: string }): PlannedJob {
  return {
    ...{ key: deliveryId, type: 'deliver', lane: 'normal', subjectKind: DELIVERY, subjectId: deliveryId },
    ...{ ownerId, input: { deliveryId }, dependsOn: [] },
  }
}
