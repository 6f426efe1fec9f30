import { asError, type Logger } from '@app/runtime'

/** The answer of Redis, or the other value where there is none. */
export type OrElse = <T>(asked: Promise<T>, otherwise: T) => Promise<T>

/**
 * Without Redis there are no limits: they spare a provider and us refusals, and what it then refuses is put off all
 * the same. Standing still would make an outage of Redis one of everything. Logged once an outage.
 */
export function withoutRedis(log: Logger): OrElse {
  let away = false
  return async (asked, otherwise) => {
    try {
      const answer = await asked
      away = false
      return answer
    } catch (error) {
      if (!away) log.warn({ err: asError(error) }, 'limits can not be asked, jobs run without them')
      away = true
      return otherwise
    }
  }
}
