import { FatalError } from '@app/runtime'

const SENTENCES = {
  invalid: 'This is not a web address.',
  scheme: 'Only addresses that begin with http:// or https:// can be fetched.',
  credentials: 'The address must not contain a user name or a password.',
  port: 'The address names a port that is not used for web pages or media.',
  host: 'The address leads into a private network or to the server itself, which is not allowed.',
} as const

export type ForbiddenReason = keyof typeof SENTENCES

/** An address that must not be reached, code `url_forbidden`. The message is for the user, and names no address of ours. */
export class UrlForbiddenError extends FatalError {
  readonly reason: ForbiddenReason
  /** What was found, for the log: a name may lead to an address that its asker must not learn. */
  readonly detail: string

  constructor(reason: ForbiddenReason, detail: string) {
    super('url_forbidden', SENTENCES[reason])
    this.name = 'UrlForbiddenError'
    this.reason = reason
    this.detail = detail
  }
}
