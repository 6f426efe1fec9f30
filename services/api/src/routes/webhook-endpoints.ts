import { ListWebhooks, WebhookCreated, WebhookPage, WebhookRequest, WebhookView } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute } from '@hono/zod-openapi'
import { idParam, jsonAnswer, jsonBody, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { foundWebhook as found, ownerOf, ownWebhook, refuseCallback } from '../http/own-webhook.ts'
import { Refusal } from '../http/refusal.ts'
import { webhookView } from '../http/webhook-views.ts'
import {
  deleteWebhook,
  enableWebhook,
  insertWebhook,
  listWebhooks,
  replaceWebhook,
  webhookOf,
} from '../queries/webhooks.ts'
import { newSecret } from '../webhooks/new-secret.ts'
import { type WebhookUrlRules, webhookUrl } from '../webhooks/webhook-url.ts'

const MOST_OF_AN_OWNER = 20
const ONE = '/webhooks/{id}'

const shared = { ...signedIn, tags: ['webhooks'] }
const onOne = { ...shared, request: { params: idParam } }
const view = named('Webhook', WebhookView)
const unknown = { ...keyRefusals, ...refusals(404) }
const request = jsonBody(named('WebhookRequest', WebhookRequest))

const create = createRoute({
  ...shared,
  ...{ method: 'post', path: '/webhooks', summary: 'Be told of own jobs by POST to a URL' },
  description:
    'Messages are signed as Standard Webhooks says, by the secret that is answered here: verify them with a library ' +
    `of it. At most ${MOST_OF_AN_OWNER} for each owner.`,
  request: { body: request },
  responses: {
    201: jsonAnswer(named('WebhookCreated', WebhookCreated), 'It is told from now on'),
    ...keyRefusals,
    ...refusals(400, 409, 413, 415, 422),
  },
})

const list = createRoute({
  ...shared,
  ...{ method: 'get', path: '/webhooks', summary: 'Own webhooks, the newest first' },
  request: { query: ListWebhooks },
  responses: {
    200: jsonAnswer(named('WebhookPage', WebhookPage), 'One page'),
    ...keyRefusals,
    ...refusals(422),
  },
})

const read = createRoute({
  ...onOne,
  ...{ method: 'get', path: ONE, summary: 'One of the own webhooks' },
  responses: { 200: jsonAnswer(view, 'The webhook'), ...unknown },
})

const replace = createRoute({
  ...onOne,
  ...{ method: 'put', path: ONE, summary: 'Change where it is told, and of what' },
  request: { params: idParam, body: request },
  responses: {
    200: jsonAnswer(view, 'As it is now'),
    ...keyRefusals,
    ...refusals(400, 404, 409, 413, 415, 422),
  },
})

const remove = createRoute({
  ...onOne,
  ...{ method: 'delete', path: ONE, summary: 'Remove it, with all that was or was to be sent there' },
  responses: { 204: { description: 'It is gone' }, ...unknown },
})

const enable = createRoute({
  ...onOne,
  ...{ method: 'post', path: `${ONE}/enable`, summary: 'Have messages sent again where that was given up' },
  description: 'What was not sent meanwhile can be replayed.',
  responses: { 200: jsonAnswer(view, 'As it is now'), ...unknown },
})

export interface WebhookEndpointRoutesDeps {
  db: Db
  webhookUrls: WebhookUrlRules
  /** Tells the workers of jobs that are gone. */
  announceCancelled: (jobIds: readonly string[]) => Promise<void>
}

/** Whom an owner has told of their jobs. Others' webhooks are as unknown as those that never were. */
export function webhookEndpointRoutes(app: ApiApp, deps: WebhookEndpointRoutesDeps): void {
  const { db, webhookUrls } = deps

  app.openapi(create, async (c) => {
    const made = newSecret()
    const row = await insertWebhook(db, {
      ownerId: ownerOf(c),
      secret: made,
      request: checked(c.req.valid('json')),
      most: MOST_OF_AN_OWNER,
    })
    if (!row)
      throw new Refusal('webhooks-too-many', `there are ${MOST_OF_AN_OWNER} already: remove one first`)
    c.header('location', `/webhooks/${row.id}`)
    return c.json({ ...webhookView(row), secret: made }, 201)
  })

  app.openapi(list, async (c) => {
    const { origin, page, page_size } = c.req.valid('query')
    const { webhooks, total } = await listWebhooks(db, ownerOf(c), { origin, page, pageSize: page_size })
    return c.json({ page, page_size, total, webhooks: webhooks.map(webhookView) }, 200)
  })

  app.openapi(read, async (c) => c.json(webhookView(found(await webhookOf(db, ownWebhook(c)))), 200))

  app.openapi(replace, async (c) => {
    const own = ownWebhook(c)
    const wanted = checked(c.req.valid('json'))
    refuseCallback(found(await webhookOf(db, own)).origin)
    return c.json(webhookView(found(await replaceWebhook(db, own, wanted))), 200)
  })

  app.openapi(remove, async (c) => {
    await deps.announceCancelled(found(await deleteWebhook(db, ownWebhook(c))))
    return c.body(null, 204)
  })

  app.openapi(enable, async (c) => c.json(webhookView(found(await enableWebhook(db, ownWebhook(c)))), 200))

  function checked({ url, ...rest }: WebhookRequest): WebhookRequest {
    return { ...rest, url: webhookUrl(url, webhookUrls) }
  }
}
