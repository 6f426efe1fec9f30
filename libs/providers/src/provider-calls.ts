import { callPutOff, type Db, putOffNames } from '@app/db'
import { asError, FatalError, type Logger, type Part, PutOffError } from '@app/runtime'
import { type Budgets, checkBudget } from './budget.ts'
import { createCallRecord } from './call-record.ts'
import type { ProviderCall, ProviderCalls } from './calls.ts'
import { errorOf } from './errors.ts'
import type { ProviderFailure } from './failure.ts'
import { type CallEnd, makeCall } from './make-call.ts'
import { createPatience } from './patience.ts'
import { createProviderMetrics, type ProviderMetrics } from './provider-metrics.ts'
import { configuredProviders, type ProviderSetup, type ProvidersConfig } from './providers-config.ts'
import { learnLeft, learnRefusal, rateOf, takeTurn } from './shared-rate.ts'
import { createStops, type Pass } from './stops.ts'

export interface ProviderCallsOptions {
  db: Db
  log: Logger
  config: ProvidersConfig
  metrics?: ProviderMetrics
  /** Milliseconds of a clock that never goes back. */
  now?: () => number
}

/** Calls within limits, stops and budgets; what each cost is written down. `part` must run while calls are made. */
export function createProviderCalls(options: ProviderCallsOptions): ProviderCalls & { part: Part } {
  const { db, log, config, metrics = createProviderMetrics(), now = () => performance.now() } = options
  const budgets: Budgets = {
    ownerUsd: config.BUDGET_USD_PER_OWNER_PER_DAY,
    allUsd: config.BUDGET_USD_PER_DAY,
  }
  const setups = new Map(configuredProviders(config).map((setup) => [setup.provider, setup]))
  const secrets = [...setups.values()].flatMap(({ key }) => (key ? [key] : []))
  const stops = createStops({ db, log, metrics })
  const patience = createPatience(now)
  const record = createCallRecord({ db, log, metrics })

  return {
    async run(call, work) {
      const setup = setups.get(call.provider)
      if (!setup) throw new FatalError('provider-not-configured', `${call.provider} is not configured`)
      call.signal.throwIfAborted()
      const pass = await admit(call, setup)
      const end = await record.of(call, () => makeCall(call, work, secrets))
      patience.note(call, end)
      await noted(note(call, setup, pass, end))
      return await conclude(call, setup, end)
    },

    part: {
      name: 'provider calls',
      // With another key, another budget or a newer version of us what was put off may go on.
      start: () => noted(callAll()),
    },
  }

  /** What speaks against a call comes first: a token, or the right to try, is not drawn for one that is not made. */
  async function admit(call: ProviderCall, setup: ProviderSetup): Promise<Pass> {
    const open = await stops.check(setup, call.model)
    await checkBudget(db, call, budgets).catch((error) => {
      if (error instanceof PutOffError) metrics.overBudget.inc({ provider: call.provider })
      throw error
    })
    patience.check(call)
    if (call.limits) await takeTurn(call.limits, rateOf(setup, call.model), call.signal)
    return await stops.pass(open)
  }

  async function note<T>(
    call: ProviderCall,
    setup: ProviderSetup,
    pass: Pass,
    end: CallEnd<T>,
  ): Promise<void> {
    if (end.kind === 'thrown') return
    // A provider that finds fault with the input works.
    if (end.kind === 'answered' || end.failure.kind === 'fatal') await stops.worked(setup, pass)
    else await stops.failed({ setup, model: call.model, pass }, end.failure)
  }

  async function conclude<T>(call: ProviderCall, setup: ProviderSetup, end: CallEnd<T>): Promise<T> {
    const { limits } = call
    const rate = rateOf(setup, call.model)
    if (end.kind === 'thrown') throw end.error
    if (end.kind === 'answered') {
      if (limits) await learnLeft(limits, rate, end.answered)
      return end.answered.value
    }
    const { failure, cause } = end
    const isRate = limits && failure.code === 'rate-limited'
    throw errorOf(isRate ? await learnRefusal(limits, rate, failure) : spread(failure), { ...call, cause })
  }

  /** The answer is there, or the error is known: neither may be lost because Postgres can't be told. */
  async function noted(noting: Promise<void>): Promise<void> {
    await noting.catch((error) => log.warn({ err: asError(error) }, 'a provider’s state could not be kept'))
  }

  async function callAll(): Promise<void> {
    for (const prefix of ['provider:', 'budget:']) {
      for (const name of await putOffNames(db, prefix)) await callPutOff(db, name)
    }
  }
}

/** Not all that were refused come back in one moment. */
const spread = (failure: ProviderFailure): ProviderFailure =>
  failure.kind === 'retry-later' && failure.retryAfterMs !== undefined
    ? { ...failure, retryAfterMs: Math.round(failure.retryAfterMs * (1 + Math.random() / 4)) }
    : failure
