import { OwnerBudget, Providers, SetOwnerBudget, Usage, UsageQuery } from '@app/contracts'
import { type Db, providerStates, providerUsage } from '@app/db'
import { changeOwnerBudget } from '@app/jobs'
import { createRoute, z } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { providerView, usageOf, usageRow } from '../http/provider-views.ts'
import { spanOf } from '../plan/usage-span.ts'

const shared = { ...signedIn, tags: ['providers'] }

const providers = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/providers',
  summary:
    'The providers that services are configured for: their models, what is stopped and why, today’s usage',
  responses: { 200: jsonAnswer(named('Providers', Providers), 'The providers'), ...authRefusals },
})

const usage = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/usage',
  summary: 'What calls to providers used and cost, by day, owner, provider, model, operation or job',
  request: { query: UsageQuery },
  responses: {
    200: jsonAnswer(named('Usage', Usage), 'The usage; the dearest first within a day'),
    ...authRefusals,
    ...refusals(422),
  },
})

const budget = createRoute({
  ...shared,
  method: 'put',
  path: '/api/v1/admin/owners/{owner_id}/budget',
  summary: 'Say what an owner’s calls to providers may cost a day; jobs that wait for it look again at once',
  request: {
    params: z.object({ owner_id: z.guid() }),
    body: jsonBody(named('SetOwnerBudget', SetOwnerBudget)),
  },
  responses: {
    200: jsonAnswer(named('OwnerBudget', OwnerBudget), 'The budget as it is now'),
    ...authRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

export interface ProviderRoutesDeps {
  db: Db
  /** Jobs may be due. */
  dispatchSoon: () => void
}

/** What operators see of the providers and what is spent on them. */
export function providerRoutes(app: ApiApp, { db, dispatchSoon }: ProviderRoutesDeps): void {
  app.openapi(providers, async (c) => {
    const { to } = spanOf({}, new Date())
    const states = await providerStates(db)
    const today = await providerUsage(db, { from: to, to }, ['provider'], 100)
    const todayOf = (provider: string) => usageOf(today.find((row) => row.provider === provider))
    return c.json({ providers: states.map((state) => providerView(state, todayOf(state.provider))) }, 200)
  })

  app.openapi(usage, async (c) => {
    const { by, limit, owner_id: ownerId, job_id: jobId, provider, ...asked } = c.req.valid('query')
    const span = spanOf(asked, new Date())
    const of = { ...span, ownerId, jobId, provider }
    const [total] = await providerUsage(db, of, [], 1)
    const rows = await providerUsage(db, of, by, limit)
    return c.json({ ...span, total: usageOf(total), rows: rows.map(usageRow) }, 200)
  })

  app.openapi(budget, async (c) => {
    const ownerId = c.req.valid('param').owner_id.toLowerCase()
    const { usd_per_day } = c.req.valid('json')
    const { userId: who } = userOf(c.get('principal'))
    await changeOwnerBudget(db, ownerId, { usdPerDay: usd_per_day ?? undefined, who })
    dispatchSoon()
    return c.json({ owner_id: ownerId, usd_per_day }, 200)
  })
}
