import { storableText } from '@app/contracts'
import { z } from 'zod'

/** What is to be done about an answer; `larger`, `repair` and `another` name what is asked for next. */
export type Judged<Answer, F> =
  | { kind: 'good'; answer: Answer }
  | { kind: 'repair'; text: string; problem: string }
  | { kind: 'larger' | 'another' | 'never'; failure: F }

/** Which the same question may well get past; a refusal judges the content, which stays the same. */
const WORTH_ANOTHER = new Set(['answer-recitation', 'answer-unreadable'])

interface Wanted<Answer> {
  schema: z.ZodType<Answer>
  check?: (answer: Answer) => string | undefined
}

const MOST_PROBLEM = 600

/** Whether an answer is what was asked for. */
export function judgeAnswer<Answer, F extends { code: string }>(
  said: { text: string } | { failure: F },
  { schema, check }: Wanted<Answer>,
): Judged<Answer, F> {
  if ('failure' in said) return { kind: kindOf(said.failure.code), failure: said.failure }
  const bad = (problem: string): Judged<Answer, F> => ({
    kind: 'repair',
    text: said.text,
    problem: problem.slice(0, MOST_PROBLEM),
  })
  const json = parsed(said.text)
  if (json === undefined) return bad('That was not JSON.')
  const { success, data, error } = schema.safeParse(json)
  if (!success) return bad(`That did not fit the schema: ${z.prettifyError(error)}`)
  const problem = check?.(data)
  return problem === undefined ? { kind: 'good', answer: data } : bad(problem)
}

function kindOf(code: string): 'larger' | 'another' | 'never' {
  if (code === 'answer-cut-off') return 'larger'
  return WORTH_ANOTHER.has(code) ? 'another' : 'never'
}

/** Compatible servers without constrained output have models that put their JSON in a code block. */
function parsed(text: string): unknown {
  const [, fenced] = /^\s*```(?:json)?\s*\n([\s\S]*)\n\s*```\s*$/.exec(text) ?? []
  try {
    return JSON.parse(fenced ?? text, storable)
  } catch {
    return undefined
  }
}

/** An answer that can't be saved would be asked for again and again, or end its job. */
const storable = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? storableText(value) : value
