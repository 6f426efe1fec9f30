import { sizeOf } from './plan-parts.ts'
import type { Line } from './quoted-data.ts'

/** More than a sentence is no note. */
const MOST_CHARACTERS = 400

/**
 * A model's points about a part, as lines that stand for it: in order, each under a number that the part has, and in
 * all no more tokens than given, so that notes of notes come to an end whatever is answered. Where they are too many,
 * some from all places go.
 */
export function planNotes(
  points: readonly { segment: number; text: string }[],
  part: readonly Line[],
  mostTokens: number,
): Line[] {
  const first = part[0]?.number ?? 0
  const last = part.at(-1)?.number ?? first
  const notes = points
    .map(({ segment, text }) => ({
      number: Math.min(last, Math.max(first, segment)),
      text: fitting([...text].slice(0, MOST_CHARACTERS), mostTokens),
    }))
    .toSorted((a, b) => a.number - b.number)
  const size = notes.reduce((sum, note) => sum + sizeOf(note), 0)
  if (size <= mostTokens || notes.length < 2) return notes
  const every = Math.ceil(size / mostTokens)
  return planNotes(
    notes.filter((_, index) => index % every === 0).map(({ number, text }) => ({ segment: number, text })),
    part,
    mostTokens,
  )
}

/** Else one note alone could be longer than all of them may be. */
function fitting(letters: readonly string[], mostTokens: number): string {
  const text = letters.join('')
  if (letters.length < 2 || sizeOf({ number: 0, text }) <= mostTokens) return text
  return fitting(letters.slice(0, Math.floor(letters.length / 2)), mostTokens)
}
