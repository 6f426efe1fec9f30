import { RotateSecret, WebhookSecret } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute } from '@hono/zod-openapi'
import { idParam, jsonAnswer, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { foundWebhook as found, ownerOf, ownWebhook, refuseCallback } from '../http/own-webhook.ts'
import { secretView } from '../http/webhook-views.ts'
import { rotateCallbackSecret, rotateSecret, secretOf } from '../queries/webhook-secrets.ts'
import { webhookOf } from '../queries/webhooks.ts'
import { callbackSecret } from '../webhooks/callback-webhook.ts'
import { newSecret } from '../webhooks/new-secret.ts'

const ONE = '/webhooks/{id}'
const CALLBACK_SECRET = '/webhooks/callback-secret'

const shared = { ...signedIn, tags: ['webhooks'] }
const onOne = { ...shared, request: { params: idParam } }
const secret = named('WebhookSecret', WebhookSecret)
const rotation = {
  required: false,
  content: { 'application/json': { schema: named('RotateSecret', RotateSecret) } },
}

const callbacksSecret = createRoute({
  ...shared,
  ...{ method: 'get', path: CALLBACK_SECRET, summary: 'What signs the messages to each callback_url' },
  responses: { 200: jsonAnswer(secret, 'One for all callbacks of an owner'), ...keyRefusals },
})

const rotateCallbacks = createRoute({
  ...shared,
  ...{ method: 'post', path: `${CALLBACK_SECRET}/rotate`, summary: 'Change the secret of all callbacks' },
  request: { body: rotation },
  responses: { 200: jsonAnswer(secret, 'The new one'), ...keyRefusals, ...refusals(400, 413, 415, 422) },
})

const readSecret = createRoute({
  ...onOne,
  ...{ method: 'get', path: `${ONE}/secret`, summary: 'What its messages are signed with' },
  responses: { 200: jsonAnswer(secret, 'The secret'), ...keyRefusals, ...refusals(404) },
})

const rotate = createRoute({
  ...onOne,
  ...{ method: 'post', path: `${ONE}/rotate-secret`, summary: 'Change its secret' },
  description: 'Messages carry a signature by the one before as well, for `overlap_hours`.',
  request: { params: idParam, body: rotation },
  responses: {
    200: jsonAnswer(secret, 'The new one'),
    ...keyRefusals,
    ...refusals(400, 404, 409, 413, 415, 422),
  },
})

/** What messages are signed with. Registered before the routes of single webhooks, whose ids they would be taken for. */
export function webhookSecretRoutes(app: ApiApp, { db }: { db: Db }): void {
  callbackSecretRoutes(app, db)

  app.openapi(readSecret, async (c) => {
    const own = ownWebhook(c)
    const { origin } = found(await webhookOf(db, own))
    const known = origin === 'callback' ? await callbackSecret(db, own.ownerId) : await secretOf(db, own)
    return c.json(secretView(found(known)), 200)
  })

  app.openapi(rotate, async (c) => {
    const own = ownWebhook(c)
    refuseCallback(found(await webhookOf(db, own)).origin)
    return c.json(secretView(found(await rotateSecret(db, own, rotationOf(c.req.valid('json'))))), 200)
  })
}

function callbackSecretRoutes(app: ApiApp, db: Db): void {
  app.openapi(callbacksSecret, async (c) => c.json(secretView(await callbackSecret(db, ownerOf(c))), 200))

  app.openapi(rotateCallbacks, async (c) => {
    const ownerId = ownerOf(c)
    await callbackSecret(db, ownerId)
    const rotated = await rotateCallbackSecret(db, ownerId, rotationOf(c.req.valid('json')))
    return c.json(secretView(found(rotated)), 200)
  })
}

/** The body may be left out. */
const rotationOf = (body: RotateSecret | undefined) => ({
  ...{ secret: newSecret(), overlapHours: RotateSecret.parse(body ?? {}).overlap_hours },
})
