import { createHash } from 'node:crypto'
import type { AnswerCache } from '@app/providers'
import { FatalError } from '@app/runtime'
import { ask, type Task } from './ask.ts'
import type { Chat } from './chat.ts'
import type { LanguageOptions } from './port.ts'

/** A remote model, and what it has answered before to anybody. */
export interface Reader {
  chat: Chat
  cache: AnswerCache
}

/**
 * An answer that is paid for once: it is kept as a step of the job, named by all that is asked, and in the cache for
 * whoever else asks the same. Who asks another model, or with a newer prompt, asks something else.
 */
export async function askOnce<Answer>(
  reader: Reader,
  task: Task<Answer>,
  options: LanguageOptions,
): Promise<Answer> {
  return await stepOf(reader, task, options, (answer) => answer)
}

/** The same, but null where the answer was cut off, which is kept too: a retry need not find it out again. */
export async function askOnceUnlessCutOff<Answer>(
  reader: Reader,
  task: Task<Answer>,
  options: LanguageOptions,
): Promise<Answer | null> {
  return await stepOf(reader, task, options, (answer) => answer.catch(nullIfCutOff))
}

async function stepOf<Answer, Kept>(
  { chat, cache }: Reader,
  task: Task<Answer>,
  options: LanguageOptions,
  keep: (answer: Promise<Answer>) => Promise<Kept>,
): Promise<Kept> {
  const { operation, prompt, material, schema } = task
  // With the instructions, because those of a translation name the language.
  const key = [prompt.version, prompt.instructions, chat.provider, chat.model, material]
  const value = () => keep(cache.cached({ kind: operation, key, schema }, () => ask(chat, task, options)))
  if (!options.step) return await value()
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32)
  return await options.step(`${operation} ${prompt.version} ${hash}`, value)
}

function nullIfCutOff(error: unknown): null {
  if (error instanceof FatalError && error.code === 'answer-cut-off') return null
  throw error
}
