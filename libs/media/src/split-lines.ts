import { StringDecoder } from 'node:string_decoder'

/** Cuts a byte stream into lines at \n or \r, in constant memory: a longer line is cut off, not kept. */
export function splitLines(onLine: (line: string) => void, maxChars: number) {
  const decoder = new StringDecoder('utf8')
  let rest = ''

  const take = (text: string) => {
    const lines = (rest + text).split(/[\r\n]/)
    rest = (lines.pop() ?? '').slice(0, maxChars)
    for (const line of lines) onLine(line.slice(0, maxChars))
  }
  return {
    take: (chunk: Buffer) => take(decoder.write(chunk)),
    end() {
      take(decoder.end())
      if (rest) onLine(rest)
      rest = ''
    },
  }
}
