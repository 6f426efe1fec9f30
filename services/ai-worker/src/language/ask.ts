import { ProviderError, type ProviderFailure } from '@app/providers'
import { FatalError } from '@app/runtime'
import type { z } from 'zod'
import { answerSchema } from '../plan/answer-schema.ts'
import { type Judged, judgeAnswer } from '../plan/judge-answer.ts'
import type { Prompt } from '../prompts/prompt.ts'
import type { Chat, Question } from './chat.ts'
import type { LanguageOptions } from './port.ts'

export interface Task<Answer> {
  operation: string
  prompt: Prompt
  /** What is to be read, as data. */
  material: string
  schema: z.ZodType<Answer>
  /** What a schema can't say: the problem in a sentence for the model, undefined where there is none. */
  check?: (answer: Answer) => string | undefined
  /** Of the answer, at first; a cut-off one is asked for once more with twice as many. */
  mostTokens: number
}

/** Of an answer that is shown to the model once more: what was wrong with it is wrong from the start. */
const MOST_SHOWN = 8_000

/**
 * Asks until there is an answer that fits the schema, and at most once more for each thing that may go wrong: one that
 * is malformed is repaired by being shown its error, one that is cut off gets twice the room. What fits nothing of all
 * that a schema allows can not come of a transcript, whatever is said in it.
 * Errors: `content-refused`, `answer-cut-off`, `answer-malformed`, `answer-recitation`, and `answer-unreadable`, the only
 * one that is worth another attempt.
 */
export async function ask<Answer>(chat: Chat, task: Task<Answer>, options: LanguageOptions): Promise<Answer> {
  const left = new Set(['another', 'larger', 'repair'])
  let question: Question = {
    operation: task.operation,
    instructions: task.prompt.instructions,
    messages: [{ role: 'user', text: task.material }],
    schema: answerSchema(task.schema),
    mostTokens: Math.min(task.mostTokens, chat.mostAnswerTokens),
  }
  for (;;) {
    const judged = judgeAnswer(await chat.ask(question, options), task)
    if (judged.kind === 'good') return judged.answer
    const isAsLargeAsCanBe = judged.kind === 'larger' && question.mostTokens >= chat.mostAnswerTokens
    if (isAsLargeAsCanBe || !left.delete(judged.kind)) throw givenUp(chat, judged)
    question = nextQuestion(chat, question, judged)
  }
}

type Bad = Exclude<Judged<never, ProviderFailure>, { kind: 'good' }>

function nextQuestion(chat: Chat, question: Question, judged: Bad): Question {
  switch (judged.kind) {
    case 'larger':
      return { ...question, mostTokens: Math.min(question.mostTokens * 2, chat.mostAnswerTokens) }
    case 'repair':
      return {
        ...question,
        messages: [
          ...question.messages,
          // Providers refuse an empty turn.
          { role: 'assistant', text: judged.text.slice(0, MOST_SHOWN).toWellFormed() || '{}' },
          { role: 'user', text: `${judged.problem}\nAnswer once more, with JSON of the given schema only.` },
        ],
      }
    default:
      return question
  }
}

function givenUp({ provider, model }: Chat, judged: Bad): Error {
  if (judged.kind === 'repair') {
    return new FatalError(
      'answer-malformed',
      `${provider} ${model} answered twice in a form that is of no use: ${judged.problem}`,
    )
  }
  const { kind, code, sentence } = judged.failure
  return kind === 'retry' ? new ProviderError(code, sentence) : new FatalError(code, sentence)
}
