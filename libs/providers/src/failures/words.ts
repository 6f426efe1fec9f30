import { redacted } from '../redact.ts'

const MOST_QUOTED = 200

/** How people know them. */
export const NAMES = { openai: 'OpenAI', gemini: 'Gemini', revai: 'Rev.ai' } as const

/** The provider's own words at the end of a sentence of ours; nothing where it had none, or a page of HTML. */
export function quoted(message: unknown): string {
  if (typeof message !== 'string') return '.'
  const text = redacted(message).replace(/\s+/g, ' ').trim()
  if (text === '' || text.startsWith('<')) return '.'
  return `: ${text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text}`
}
