import { ListDeliveries, WebhookDeliveryPage, WebhookDeliveryView } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute, z } from '@hono/zod-openapi'
import { idParam, jsonAnswer, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId } from '../http/known-id.ts'
import { foundWebhook, ownWebhook } from '../http/own-webhook.ts'
import { deliveryView } from '../http/webhook-views.ts'
import { listDeliveries } from '../queries/webhook-deliveries.ts'
import { webhookOf } from '../queries/webhooks.ts'
import { replayDelivery, sendTest } from '../webhooks/send-again.ts'

const shared = { ...signedIn, tags: ['webhooks'] }
const view = named('WebhookDelivery', WebhookDeliveryView)
const deliveryParams = idParam.extend({ deliveryId: z.string().meta({ format: 'uuid' }) })

const test = createRoute({
  ...shared,
  ...{ method: 'post', path: '/webhooks/{id}/test', summary: 'Have a `webhook.test` message sent' },
  description: 'It is tried once: the list of deliveries says what became of it.',
  request: { params: idParam },
  responses: { 202: jsonAnswer(view, 'It is on its way'), ...keyRefusals, ...refusals(404, 409) },
})

const list = createRoute({
  ...shared,
  ...{
    method: 'get',
    path: '/webhooks/{id}/deliveries',
    summary: 'What was and is to be sent, newest first',
  },
  request: { params: idParam, query: ListDeliveries },
  responses: {
    200: jsonAnswer(named('WebhookDeliveryPage', WebhookDeliveryPage), 'One page'),
    ...keyRefusals,
    ...refusals(404, 422),
  },
})

const replay = createRoute({
  ...shared,
  ...{
    method: 'post',
    path: '/webhooks/{id}/deliveries/{deliveryId}/replay',
    summary: 'Send a message once more',
  },
  description:
    'Under the same `webhook-id`, and from the beginning of the schedule; what waits is tried at once. 409 `delivery-under-way` while it is being sent.',
  request: { params: deliveryParams },
  responses: { 202: jsonAnswer(view, 'It is on its way'), ...keyRefusals, ...refusals(404, 409) },
})

export interface WebhookDeliveryRoutesDeps {
  db: Db
  /** Jobs may be due. */
  dispatchSoon: () => void
}

/** What is sent to webhooks, and how to have it sent again. */
export function webhookDeliveryRoutes(app: ApiApp, { db, dispatchSoon }: WebhookDeliveryRoutesDeps): void {
  app.openapi(test, async (c) => {
    const delivery = await sendTest(db, ownWebhook(c))
    dispatchSoon()
    return c.json(deliveryView(delivery), 202)
  })

  app.openapi(list, async (c) => {
    const { page, page_size, status } = c.req.valid('query')
    const webhook = foundWebhook(await webhookOf(db, ownWebhook(c)))
    const { deliveries, total } = await listDeliveries(db, webhook.id, { status, page, pageSize: page_size })
    return c.json({ page, page_size, total, deliveries: deliveries.map(deliveryView) }, 200)
  })

  app.openapi(replay, async (c) => {
    const deliveryId = knownId(c.req.valid('param').deliveryId, 'delivery')
    const delivery = await replayDelivery(db, ownWebhook(c), deliveryId)
    dispatchSoon()
    return c.json(deliveryView(delivery), 202)
  })
}
