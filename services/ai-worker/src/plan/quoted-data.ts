import { createHash } from 'node:crypto'

/** A numbered line of a transcript, or of notes about it. */
export interface Line {
  /** Of the segment it is, or begins at. */
  number: number
  text: string
}

/** What a language model is given to read. */
export interface Material {
  title: string
  author?: string | undefined
  language?: string | undefined
  /** Which of the text's parts this is, where it has several. */
  part?: string | undefined
  /** Lines under the name of what they are: `transcript`, `notes`. */
  blocks: Readonly<Record<string, readonly Line[]>>
}

/**
 * The message that holds what is to be read. Each text is one line whatever is in it, and the names of the tags around
 * them end with a hash of all of them: no text can close its block, because none can contain its own hash.
 */
export function quotedData({ title, author, language, part, blocks }: Material): string {
  const about = [
    `Title: ${oneLine(title)}`,
    ...(author === undefined ? [] : [`Author: ${oneLine(author)}`]),
    ...(language === undefined ? [] : [`Language of the transcript: ${oneLine(language)}`]),
    ...(part === undefined ? [] : [`Part: ${part}`]),
  ]
  const named = [
    ['about', about] as const,
    ...Object.entries(blocks).map(([name, lines]) => [name, lines.map(lineOf)] as const),
  ]
  const code = createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, 16)
  return named
    .map(([name, lines]) => [`<${name}-${code}>`, ...lines, `</${name}-${code}>`].join('\n'))
    .join('\n\n')
}

/** As it stands in the message, for whoever measures it. */
export const lineOf = ({ number, text }: Line): string => `[${number}] ${oneLine(text)}`

/** Some models end a line also where Unicode says that one ends, and at control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
