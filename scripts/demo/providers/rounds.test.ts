import { expect, it } from 'vitest'
import { plainText } from '../screen/painted.ts'
import { planComparison } from './plan-comparison.ts'
import { planVariables, ROUNDS, type RoundOutcome, strangersOf } from './rounds.ts'

it('lets each provider that hears hear once', () => {
  expect(ROUNDS.map(({ speech }) => speech)).toEqual(['revai', 'openai', 'gemini'])
})

it('tells services of the sandbox, and nothing of what the user has elsewhere', () => {
  const variables = planVariables({ speech: 'revai', language: 'openai' }, { OPENAI_BASE_URL: 'http://here' })

  expect(variables).toMatchObject({
    TRANSCRIBE_PROVIDER: 'revai',
    LANGUAGE_PROVIDER: 'openai',
    EMBEDDINGS_PROVIDER: 'openai',
    OPENAI_BASE_URL: 'http://here',
    DATABASE_URL: '',
    REDIS_URL: '',
  })
})

it('names whoever made what another should have made', () => {
  expect(strangersOf(round())).toEqual([])
  expect(strangersOf({ ...round(), speech: 'gemini' })).toEqual(['a transcript by revai instead of gemini'])
  expect(strangersOf(round({ tags: null }))).toEqual(['a list of tags by nobody instead of openai'])
})

it('shows what each gave in a line', () => {
  const lines = planComparison([round()]).map(plainText)

  expect(lines.at(-1)).toMatch(/revai machine +openai luna +8 of 8 +12\.5 % +found +1:01/)
})

/** As much of a book's outcome as is looked at. */
function round(book: object = {}): RoundOutcome {
  const by = (provider: string, model: string) => ({ provider, model, text: '', tags: [] })
  const outcome = {
    book: {
      chapters: [{ transcript: by('revai', 'machine') }],
      summary: by('openai', 'luna'),
      tags: by('openai', 'luna'),
      ...book,
    },
    jobs: { total_jobs: 8, completed_jobs: 8, overall_status: 'completed' },
    chapters: [{ wordErrorRate: 0.125 }],
    search: {
      expected: { chapter: 'One', startMs: 1000 },
      found: { both: { chapter: 'One', startMs: 1500 } },
    },
    seconds: 61,
  }
  return { speech: 'revai', language: 'openai', outcome: outcome as unknown as RoundOutcome['outcome'] }
}
