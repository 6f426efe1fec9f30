import { FatalError } from '@app/runtime'

/** At most `permits` in each `perMs`, evenly: a bucket that refills at that rate and holds `burst` tokens. */
export interface RateLimit {
  kind: 'rate'
  /** What is limited, such as `openai/gpt-x`. All processes that name it share one bucket. */
  key: string
  permits: number
  perMs: number
  /** Tokens that an idle bucket gathers. Default: a second's worth; less than jobs are late by is lost to them. */
  burst?: number
}

/** At most `most` runs at once. */
export interface ConcurrencyLimit {
  kind: 'concurrency'
  key: string
  most: number
}

/** What a job must not exceed together with all others that name the same key, in whichever process. */
export type Limit = RateLimit | ConcurrencyLimit

/** A key is part of a Redis key, inside its hash tag. */
const KEY = /^[^\s{}]{1,200}$/

/** Throws a FatalError `limit-invalid` where the limit makes no sense: the worker's code is wrong, or its config. */
export function checkLimit(limit: Limit): void {
  const numbers = limit.kind === 'rate' ? [limit.permits, limit.perMs, limit.burst ?? 1] : [limit.most]
  const whole = limit.kind === 'rate' ? [limit.burst ?? 1] : [limit.most]
  if (
    !KEY.test(limit.key) ||
    numbers.some((number) => !(number > 0 && Number.isFinite(number))) ||
    whole.some((number) => !Number.isSafeInteger(number))
  ) {
    throw new FatalError('limit-invalid', `a limit that makes no sense: ${JSON.stringify(limit)}`)
  }
}

/** The bucket behind a rate: whole microseconds, so that Redis' arithmetic is exact. Never faster than the rate. */
export function bucketOf({ permits, perMs, burst }: RateLimit): { intervalUs: number; burst: number } {
  const intervalUs = Math.max(1, Math.ceil((perMs * 1000) / permits))
  return { intervalUs, burst: burst ?? Math.max(1, Math.floor((permits * 1000) / perMs)) }
}

/** How a limit is named in `waiting_for`, in logs and to operators: `rate:openai/gpt-x`. */
export const limitName = ({ kind, key }: Pick<Limit, 'kind' | 'key'>): string => `${kind}:${key}`

/** The other way round; undefined for a name of another form. */
export function parseLimitName(name: string): Pick<Limit, 'kind' | 'key'> | undefined {
  const [, kind, key] = /^(rate|concurrency):(.+)$/.exec(name) ?? []
  return kind === undefined || key === undefined ? undefined : { kind: kind as Limit['kind'], key }
}
