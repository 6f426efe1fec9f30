import { styleText } from 'node:util'

export type Tone = 'dim' | 'green' | 'red' | 'cyan' | 'bold'
/** Text with colours that are still names, so that planners can be read and measured. */
export type Painted = readonly (string | readonly [tone: Tone, text: string])[]

export function plainText(line: Painted): string {
  return line.map((part) => (typeof part === 'string' ? part : part[1])).join('')
}

/** With the terminal's own colours, where `stream` is one that shows them. */
export function colouredText(line: Painted, stream: NodeJS.WriteStream): string {
  return line
    .map((part) => (typeof part === 'string' ? part : part[1] && styleText(part[0], part[1], { stream })))
    .join('')
}

/** Cut or filled to just as many characters. */
export function fitted(text: string, width: number): string {
  const characters = [...text]
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : text.padEnd(width)
}
