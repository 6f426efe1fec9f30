import { type Translation, TranslationAnswer } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { planParts, sizeOf } from '../plan/plan-parts.ts'
import { checkTranslation, languageName, planTranslation } from '../plan/plan-translation.ts'
import { type Line, quotedData } from '../plan/quoted-data.ts'
import { translatePrompt } from '../prompts/translate.ts'
import { askOnceUnlessCutOff, type Reader } from './ask-once.ts'
import { AT_ONCE, linesOf } from './digest.ts'
import { inParallel } from './in-parallel.ts'
import type { LanguageOptions, Reading } from './port.ts'

/** The answer is as long as the text, and so is one that is shown once more with its error. */
const SHARE_OF_WINDOW = 0.15
const PART_TOKENS = 4_000
/** Models begin to skip lines where they are many. */
const MOST_LINES = 60
/** Tokens of an answer for each of the text's: a language may need that many more than another. */
const GROWTH = 2
const LEAST_ANSWER_TOKENS = 1_000
/** What was said before a part, for the sense of its beginning. */
const LINES_BEFORE = 4

type ToTranslate = Reading & { into: string }

interface Part {
  lines: readonly Line[]
  before: readonly Line[]
}

/** The transcript in another language: parts are translated in parallel, and each one's answer is kept. */
export async function translate(
  reader: Reader,
  reading: ToTranslate,
  options: LanguageOptions,
): Promise<Translation> {
  const { chat } = reader
  options.signal.throwIfAborted()
  const mostTokens = Math.min(PART_TOKENS, Math.floor(chat.windowTokens * SHARE_OF_WINDOW))
  const parts = planParts(linesOf(reading), { mostTokens, mostLines: MOST_LINES })
  let done = 0
  const texts = await inParallel(parts, AT_ONCE, async (lines, index) => {
    const before = (parts[index - 1] ?? []).slice(-LINES_BEFORE)
    const translated = await translatePart(reader, reading, { lines, before }, options)
    done += 1
    options.report?.(done / parts.length)
    return translated
  })
  return {
    ...{ provider: chat.provider, model: chat.model, promptVersion: translatePrompt('').version },
    language: reading.into,
    sourceLanguage: reading.language ?? 'und',
    segments: planTranslation(reading.segments, parts.flat(), texts.flat()),
  }
}

/** One text for each line. Where the answer is too long for the model, the part is halved. */
async function translatePart(
  reader: Reader,
  reading: ToTranslate,
  part: Part,
  options: LanguageOptions,
): Promise<string[]> {
  const texts = await askFor(reader, reading, part, options)
  if (texts) return texts
  const { lines, before } = part
  if (lines.length < 2) {
    const { chat } = reader
    throw new FatalError(
      'answer-cut-off',
      `${chat.provider} ${chat.model} does not come to the end of one line`,
    )
  }
  const middle = Math.ceil(lines.length / 2)
  const [first, second] = [lines.slice(0, middle), lines.slice(middle)]
  return [
    ...(await translatePart(reader, reading, { lines: first, before }, options)),
    ...(await translatePart(reader, reading, { lines: second, before: first.slice(-LINES_BEFORE) }, options)),
  ]
}

/** Null where the answer was cut off, also with twice the room. */
async function askFor(
  reader: Reader,
  { title, language, into }: ToTranslate,
  { lines, before }: Part,
  options: LanguageOptions,
): Promise<string[] | null> {
  const prompt = translatePrompt(languageName(into))
  // Numbered by place, because the pieces of a line that was cut have one number.
  const numbered = lines.map(({ text }, index) => ({ number: index + 1, text }))
  const said = before.map(({ text }) => ({ number: 0, text }))
  const material = quotedData({
    ...{ title, language },
    blocks: { ...(said.length > 0 ? { 'said-before': said } : {}), 'to-be-translated': numbered },
  })
  const size = lines.reduce((sum, line) => sum + sizeOf(line), 0)
  const task = {
    ...{ operation: 'translate', prompt, material, schema: TranslationAnswer },
    check: (answer: typeof TranslationAnswer._output) => checkTranslation(answer.lines, lines.length),
    mostTokens: Math.max(LEAST_ANSWER_TOKENS, size * GROWTH),
  }
  const answer = await askOnceUnlessCutOff(reader, task, options)
  if (!answer) return null
  const byNumber = new Map(answer.lines.map(({ number, text }) => [number, text]))
  return numbered.map(({ number }) => byNumber.get(number) ?? '')
}
