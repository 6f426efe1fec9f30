import { joinWords, type Word } from '@app/contracts'

const LETTER = /[\p{L}\p{N}]/u
/** Stand before the word they belong to. */
const OPENING = /[\p{Ps}\p{Pi}¿¡]/u

/**
 * What is written of some of an utterance's words, from one to before another: a part of its text, punctuation and
 * spaces as they are there. Where there is no text, or it has other words than these, they are joined as their script has it.
 */
export function writtenTextOf(
  words: readonly Pick<Word, 'text'>[],
  text = '',
): (from: number, to: number) => string {
  const places = placesOf(words, text)
  if (!places) return (from, to) => joinWords(words.slice(from, to).map((word) => word.text))
  const placeOf = (index: number) => (index <= 0 ? 0 : (places[index] ?? text.length))
  return (from, to) => text.slice(placeOf(from), placeOf(to)).trim()
}

/** Where each word begins in the text, its opening marks included; undefined where that says more, or something else. */
function placesOf(words: readonly Pick<Word, 'text'>[], text: string): number[] | undefined {
  const places: number[] = []
  let end = 0
  for (const word of words) {
    const at = text.indexOf(word.text, end)
    if (at < 0 || LETTER.test(text.slice(end, at))) return undefined
    places.push(beforeOpening(text, at, end))
    end = at + word.text.length
  }
  return LETTER.test(text.slice(end)) ? undefined : places
}

function beforeOpening(text: string, at: number, end: number): number {
  let place = at
  while (place > end && OPENING.test(text[place - 1] ?? '')) place -= 1
  return place
}
