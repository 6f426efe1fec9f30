import { errorCode } from '@app/runtime'
import type { ProviderFailure } from '../failure.ts'
import type { ProviderName } from '../providers-config.ts'
import { NAMES } from './words.ts'

const TIMEOUTS = /timed? ?out|TimeoutError|ETIMEDOUT|ECONNABORTED|UND_ERR_\w*TIMEOUT/i
const MOST_CAUSES = 6

/** What a request ended in that got no answer at all: a timeout, or a connection that failed. */
export function networkFailure(provider: ProviderName, error: unknown): ProviderFailure {
  const name = NAMES[provider]
  const chain = causesOf(error)
  if (chain.some((one) => errorCode(one) === 'provider-answer-too-large')) {
    const sentence = `${name} sent an answer far larger than anything it was asked for.`
    return { kind: 'fatal', code: 'provider-answer-too-large', sentence }
  }
  if (chain.some((one) => TIMEOUTS.test(`${one.name} ${errorCode(one) ?? ''} ${one.message}`))) {
    return timedOut(provider)
  }
  const code = chain.map((one) => (one as { code?: unknown }).code).find((one) => typeof one === 'string')
  const sentence = `${name} can not be reached${code === undefined ? '' : ` (${code})`}.`
  return { kind: 'retry', code: 'provider-unreachable', sentence, isOutage: true }
}

/** The call's own time was over. */
export function timedOut(provider: ProviderName): ProviderFailure {
  const sentence = `${NAMES[provider]} did not answer in time.`
  return { kind: 'retry', code: 'provider-timeout', sentence, isOutage: true }
}

/** Whether something was thrown by a request on its way, by the names and codes of Node's fetch and of axios. */
export function isNetworkError(error: unknown): boolean {
  return causesOf(error).some((one) => {
    const code = String((one as { code?: unknown }).code ?? '')
    return (
      /^(E[A-Z]{3,}|UND_ERR_|CERT_|ERR_(NETWORK|TLS|SSL|BAD_RESPONSE)|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(
        code,
      ) ||
      code === 'provider-answer-too-large' ||
      one.name === 'TimeoutError' ||
      (one instanceof TypeError && /fetch failed|terminated/.test(one.message))
    )
  })
}

function causesOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let one = error; one instanceof Error && chain.length < MOST_CAUSES; one = one.cause) chain.push(one)
  return chain
}
