import { joinTexts, type TranslatedSegment } from '@app/contracts'
import { type Line, oneLine } from './quoted-data.ts'

interface Spoken {
  startMs: number
  endMs: number
  speaker?: string | undefined
}

/**
 * What is wrong with a translated part of so many lines, in a sentence for the model; undefined where nothing is. Lines
 * of other numbers, such as what was said before, are left out by whoever takes the answer.
 */
export function checkTranslation(
  lines: readonly { number: number; text: string }[],
  lineCount: number,
): string | undefined {
  const missing = new Set(Array.from({ length: lineCount }, (_, index) => index + 1))
  const own = lines.filter(({ number }) => missing.has(number))
  const odd = own.filter(({ number, text }) => !missing.delete(number) || text === '')
  if (odd.length === 0 && missing.size === 0) return undefined
  const list = (numbers: Iterable<number>) => [...numbers].slice(0, 20).join(', ')
  return [
    `There must be exactly one translated line for each of the lines 1 to ${lineCount}.`,
    ...(missing.size > 0 ? [`Missing: ${list(missing)}.`] : []),
    ...(odd.length > 0 ? [`Empty or repeated: ${list(odd.map(({ number }) => number))}.`] : []),
  ].join(' ')
}

/**
 * The transcript's segments with translated texts: as many, with the same times and speakers. `lines` are what was
 * translated, under their segments' places, and `texts` what each became; a segment that was cut has several.
 */
export function planTranslation(
  segments: readonly Spoken[],
  lines: readonly Line[],
  texts: readonly string[],
): TranslatedSegment[] {
  const translated = segments.map((): string[] => [])
  for (const [index, { number }] of lines.entries()) translated[number]?.push(oneLine(texts[index] ?? ''))
  return segments.map(({ startMs, endMs, speaker }, index) => ({
    startMs,
    endMs,
    text: joinTexts(translated[index] ?? []),
    ...(speaker === undefined ? {} : { speaker }),
  }))
}

/** What English calls a language, with its tag, which alone tells "pt-BR" from "pt-PT" surely: "German (de)". */
export function languageName(tag: string): string {
  try {
    const name = new Intl.DisplayNames(['en'], { type: 'language' }).of(tag)
    return name === undefined || name === tag ? tag : `${name} (${tag})`
  } catch {
    return tag
  }
}
