import type { Word } from '@app/contracts'
import { phrasesOf } from './heard.ts'

/**
 * Words as the providers write them: a recogniser's lower-case words get a capital after each pause and a stop
 * before it. What has stops already is left as it is.
 */
export function writtenOut(words: readonly Word[]): Word[] {
  if (words.some(({ text }) => /[.,!?;:]$/.test(text))) return [...words]
  return phrasesOf(words).flatMap((phrase) =>
    phrase.map((word, index) => {
      const started = index === 0 ? word.text.charAt(0).toUpperCase() + word.text.slice(1) : word.text
      return { ...word, text: index === phrase.length - 1 ? `${started}.` : started }
    }),
  )
}
