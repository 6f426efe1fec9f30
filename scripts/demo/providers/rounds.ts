import type { Outcome } from '../results/outcome.ts'

/** Who hears, and who reads and makes vectors, while the book goes through once. */
export interface Round {
  speech: 'revai' | 'openai' | 'gemini'
  language: 'openai' | 'gemini'
}

export interface RoundOutcome extends Round {
  outcome: Outcome
}

/** Each that can hear, once. Rev.ai only hears. */
export const ROUNDS: readonly Round[] = [
  { speech: 'revai', language: 'openai' },
  { speech: 'openai', language: 'openai' },
  { speech: 'gemini', language: 'gemini' },
]

/** What a round's services are told: the sandbox's addresses, and nothing of what the user has elsewhere. */
export function planVariables(
  { speech, language }: Round,
  sandbox: Record<string, string>,
): Record<string, string> {
  return {
    ...{
      DATABASE_URL: '',
      REDIS_URL: '',
      SUPABASE_URL: '',
      SUPABASE_JWT_SECRET: '',
      STORAGE_DIR: '',
      PUBLIC_URL: '',
    },
    ...{ TRANSCRIBE_PROVIDER: speech, LANGUAGE_PROVIDER: language, EMBEDDINGS_PROVIDER: language },
    ...sandbox,
  }
}

/** Who made the book's parts, other than who should have: nobody, if all is well. */
export function strangersOf({ speech, language, outcome }: RoundOutcome): string[] {
  const { chapters, summary, tags } = outcome.book
  const hearers = chapters.map(({ transcript }) => ['transcript', transcript?.provider, speech] as const)
  const readers = [
    ['summary', summary?.provider, language],
    ['list of tags', tags?.provider, language],
  ] as const
  return [...hearers, ...readers]
    .filter(([, made, should]) => made !== should)
    .map(([what, made, should]) => `a ${what} by ${made ?? 'nobody'} instead of ${should}`)
}
