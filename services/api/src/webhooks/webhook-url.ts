import { checkUrl, UrlForbiddenError, type UrlRules } from '@app/net'
import { Refusal } from '../http/refusal.ts'

export interface WebhookUrlRules {
  rules: UrlRules
  /** Whether messages may go anywhere in the clear. */
  allowHttp: boolean
}

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
