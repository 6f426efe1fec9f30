import { asError, type Secret } from '@app/runtime'

const HIDDEN = '[secret]'
const MOST_CHARACTERS = 500
const MOST_CAUSES = 4

/** What looks like a key, even one that isn't ours: servers quote what they were sent. */
const KEYS =
  /\b(?:sk|sb|rk)[-_][\w-]{12,}|\bAIza[\w-]{20,}|\bBearer\s+[\w.~+/=-]{8,}|(?<=[?&](?:key|access_token|token|signature|sig)=)[^&\s"']+/gi

/** Text that may stand in a log or a row: no key, and not longer than a person reads. */
export function redacted(text: string, secrets: readonly Secret[] = []): string {
  let clean = text.replaceAll(KEYS, HIDDEN)
  for (const secret of secrets) {
    const value = secret.reveal()
    if (value.length >= 4) clean = clean.replaceAll(value, HIDDEN)
  }
  return clean.length > MOST_CHARACTERS ? `${clean.slice(0, MOST_CHARACTERS)}…` : clean
}

/**
 * What was thrown, as an Error with a clean message, class name, code and causes, and nothing else of it: SDKs' errors
 * carry requests, whose headers hold the key.
 */
export function redactedError(thrown: unknown, secrets: readonly Secret[] = [], depth = 0): Error {
  const error = asError(thrown)
  const cause =
    error.cause === undefined || error.cause === thrown || depth >= MOST_CAUSES ? undefined : error.cause
  const clean = new Error(
    redacted(error.message, secrets),
    cause === undefined ? undefined : { cause: redactedError(cause, secrets, depth + 1) },
  )
  clean.name = error.name === 'Error' ? error.constructor.name : error.name
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  clean.stack = [`${clean.name}: ${clean.message}`, ...frames].join('\n')
  const { code } = error as { code?: unknown }
  return typeof code === 'string' || typeof code === 'number'
    ? Object.assign(clean, { code: redacted(String(code), secrets) })
    : clean
}
