import { tokensAtMost } from '@app/contracts'
import { type Line, lineOf } from './quoted-data.ts'

/** Of a line's own: a newline, and a token that runs over into the next line. */
const PER_LINE = 2

export interface PartLimits {
  mostTokens: number
  /** Default: as many as there is room for. */
  mostLines?: number
}

/**
 * Lines as parts that fit, in order, of about the same length: a short rest would be read as if it were as much as the
 * rest. A line that does not fit by itself is cut, its pieces under its number.
 */
export function planParts(lines: readonly Line[], limits: PartLimits): Line[][] {
  const fitting = lines.flatMap((line) => cutLine(line, limits.mostTokens))
  const count = pack(fitting, limits).length
  // Even parts may need one more where long lines fall badly; limits hold in any case.
  const total = fitting.reduce((sum, line) => sum + sizeOf(line), 0)
  const even = Math.ceil(total / Math.max(1, count)) + Math.max(0, ...fitting.map(sizeOf))
  return pack(fitting, {
    mostTokens: Math.min(limits.mostTokens, even),
    mostLines: Math.min(limits.mostLines ?? Number.POSITIVE_INFINITY, fitting.length),
  })
}

/** Tokens of a line in a message, at most. */
export const sizeOf = (line: Line): number => tokensAtMost(lineOf(line)) + PER_LINE

function pack(lines: readonly Line[], { mostTokens, mostLines = Number.POSITIVE_INFINITY }: PartLimits) {
  const parts: Line[][] = []
  let room = 0
  for (const line of lines) {
    const size = sizeOf(line)
    const last = parts.at(-1)
    if (last && size <= room && last.length < mostLines) last.push(line)
    else {
      parts.push([line])
      room = mostTokens
    }
    room -= size
  }
  return parts
}

function cutLine(line: Line, mostTokens: number): Line[] {
  if (sizeOf(line) <= mostTokens) return [line]
  const letters = [...line.text]
  if (letters.length < 2) return [line]
  const middle = cutNear(letters, Math.floor(letters.length / 2))
  const halves = [letters.slice(0, middle), letters.slice(middle)]
  return halves.flatMap((half) => cutLine({ number: line.number, text: half.join('') }, mostTokens))
}

/** Between words, where there is a space within a tenth of the text. */
function cutNear(letters: readonly string[], middle: number): number {
  const leeway = Math.floor(letters.length / 10)
  for (let distance = 0; distance <= leeway; distance += 1) {
    if (letters[middle - distance] === ' ') return middle - distance
    if (letters[middle + distance] === ' ') return middle + distance
  }
  return middle
}
