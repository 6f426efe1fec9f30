import { checkUrl, UrlForbiddenError, type UrlRules } from '@app/net'
import { Refusal } from '../http/refusal.ts'

export interface WebhookUrlRules {
  rules: UrlRules
  /** Whether messages may go anywhere in the clear. */
  allowHttp: boolean
}

const MOST_CHARS = 2_048
const NOBODY: UrlRules = { allowedHosts: [] }

/**
 * The address that messages are sent to, by its text alone: a name that leads where nobody may go fails at each try.
 * Plain http is for hosts that the operator lets in by name. Refusals: `url_forbidden`.
 */
export function webhookUrl(text: string, { rules, allowHttp }: WebhookUrlRules): string {
  const url = checkUrl(text, rules)
  if (url.protocol === 'http:' && !allowHttp && !isLetIn(url)) {
    throw new Refusal('url_forbidden', 'A webhook’s address must begin with https://.')
  }
  // What is written in letters of other alphabets is several times as long; and an index of Postgres takes no more.
  if (url.href.length > MOST_CHARS) throw new Refusal('url_forbidden', 'This address is too long.')
  return url.href
}

/** Whether it is the operator's list alone by which it may be reached. */
function isLetIn(url: URL): boolean {
  try {
    checkUrl(url.href, NOBODY)
    return false
  } catch (error) {
    if (error instanceof UrlForbiddenError) return true
    throw error
  }
}
