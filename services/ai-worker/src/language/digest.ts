import { comparableWords, DigestAnswer } from '@app/contracts'
import { planNotes } from '../plan/plan-notes.ts'
import { planParts } from '../plan/plan-parts.ts'
import { type Line, quotedData } from '../plan/quoted-data.ts'
import { DIGEST } from '../prompts/digest.ts'
import { askOnce, type Reader } from './ask-once.ts'
import type { Chat } from './chat.ts'
import { inParallel } from './in-parallel.ts'
import type { LanguageOptions, Reading } from './port.ts'

/** About an hour of speech: more at once is read less well, and a retry has less to do again. */
const PART_TOKENS = 24_000
/** The rest is for instructions, the answer, and an answer that is shown once more. */
const SHARE_OF_WINDOW = 0.45
const ANSWER_TOKENS = 6_000
/** Calls of one job under way at once. */
export const AT_ONCE = 4

/** What the model reads at once. */
export const partTokens = ({ windowTokens }: Pick<Chat, 'windowTokens'>): number =>
  Math.min(PART_TOKENS, Math.floor(windowTokens * SHARE_OF_WINDOW))

/** The segments that say something, each under its place among all of them. */
export function linesOf({ segments }: Pick<Reading, 'segments'>): Line[] {
  return segments
    .map(({ text }, number) => ({ number, text }))
    .filter(({ text }) => comparableWords(text).length > 0)
}

/**
 * A text's lines, under the name of what they are, where they fit into one question; else notes of its parts, which are
 * lines of the same kind, and if need be notes of those. Parts are worked on in parallel, and each one's notes are kept.
 * `versions` are those of the prompts that the lines went through.
 */
export async function readable(
  reader: Reader,
  reading: Reading,
  options: LanguageOptions,
): Promise<{ blocks: Record<string, Line[]>; versions: string[] }> {
  const mostTokens = partTokens(reader.chat)
  let lines = linesOf(reading)
  let name = 'transcript'
  for (let parts = planParts(lines, { mostTokens }); parts.length > 1; ) {
    let done = 0
    const notes = await inParallel(parts, AT_ONCE, async (part, index) => {
      const place = `${index + 1} of ${parts.length}`
      const points = await notesOf(reader, { reading, lines: { [name]: part }, place }, options)
      done += 1
      options.report?.((done / (parts.length + 1)) * 0.9)
      return planNotes(points, part, Math.floor(mostTokens / 4))
    })
    lines = notes.flat()
    name = 'notes'
    parts = planParts(lines, { mostTokens })
  }
  return { blocks: { [name]: lines }, versions: name === 'notes' ? [DIGEST.version] : [] }
}

interface Part {
  reading: Reading
  lines: Record<string, readonly Line[]>
  place: string
}

async function notesOf(reader: Reader, { reading, lines, place }: Part, options: LanguageOptions) {
  const { title, author, language } = reading
  const material = quotedData({ title, author, language, part: place, blocks: lines })
  const task = {
    operation: 'digest',
    prompt: DIGEST,
    material,
    schema: DigestAnswer,
    mostTokens: ANSWER_TOKENS,
  }
  return (await askOnce(reader, task, options)).points
}
