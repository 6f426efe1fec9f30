import { beginProviderCall, type Db, type EndedCall, endProviderCall } from '@app/db'
import { asError, errorCode, type Logger } from '@app/runtime'
import type { ProviderCall, Usage } from './calls.ts'
import type { CallEnd } from './make-call.ts'
import { costOf } from './prices.ts'
import type { ProviderMetrics } from './provider-metrics.ts'

interface CallRecordOptions {
  db: Db
  log: Logger
  metrics: ProviderMetrics
}

/** Writes down each call: before it, so that none is paid for unseen, and after it with what it used. */
export function createCallRecord({ db, log, metrics }: CallRecordOptions) {
  return {
    /** Makes a call, and writes down what became of it. Rejects only where Postgres is away before it is made. */
    async of<T>(call: ProviderCall, make: () => Promise<CallEnd<T>>): Promise<CallEnd<T>> {
      const id = await beginProviderCall(db, call)
      const startedAt = performance.now()
      const end = await make()
      const seconds = (performance.now() - startedAt) / 1_000
      metrics.seconds.observe({ provider: call.provider, operation: call.operation }, seconds)
      await ended(id, call, end)
      return end
    },
  }

  async function ended(id: string, call: ProviderCall, end: CallEnd<unknown>): Promise<void> {
    const { provider, model, operation } = call
    const [usage, outcome] = [usageOf(end), outcomeOf(call, end)]
    const costUsd = costOf(call, usage, new Date())
    metrics.calls.inc({ provider, model, operation, outcome })
    if (end.kind === 'failed') {
      metrics.failures.inc({ provider, kind: end.failure.kind, code: end.failure.code })
    }
    if (costUsd !== undefined) metrics.costUsd.inc({ provider, model, operation }, costUsd)
    // What was paid for is not lost because it can't be written down: the row then says that the call never ended.
    await endProviderCall(db, id, { outcome, errorCode: codeOf(end), ...usage, costUsd }).catch((error) =>
      log.warn(
        { err: asError(error), provider, model, costUsd },
        'what a call used could not be written down',
      ),
    )
  }
}

function usageOf(end: CallEnd<unknown>): Usage {
  if (end.kind === 'answered') return end.answered.usage ?? {}
  return end.kind === 'failed' ? (end.usage ?? {}) : {}
}

function outcomeOf({ signal }: ProviderCall, { kind }: CallEnd<unknown>): EndedCall['outcome'] {
  if (kind === 'answered') return 'answered'
  return kind === 'thrown' && signal.aborted ? 'cancelled' : 'failed'
}

function codeOf(end: CallEnd<unknown>): string | undefined {
  if (end.kind === 'failed') return end.failure.code
  return end.kind === 'thrown' ? errorCode(end.error) : undefined
}
