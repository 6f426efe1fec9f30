import { expect, it } from 'vitest'
import { splitLines } from './split-lines.ts'

function linesOf(chunks: (string | Buffer)[], maxChars = 100): string[] {
  const lines: string[] = []
  const splitter = splitLines((line) => lines.push(line), maxChars)
  for (const chunk of chunks) splitter.take(Buffer.from(chunk))
  splitter.end()
  return lines
}

it('puts lines together that arrive in pieces', () => {
  expect(linesOf(['a=', '1\nb', '=2\n', 'c'])).toEqual(['a=1', 'b=2', 'c'])
})

it('takes the carriage return of a progress line for an end', () => {
  expect(linesOf(['50%\r60%\r'])).toEqual(['50%', '60%'])
})

it('puts a character together that arrives in halves', () => {
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]

  expect(linesOf([first, second])).toEqual(['é'])
})

it('cuts a line without end', () => {
  expect(linesOf(['x'.repeat(1000), 'y'.repeat(1000)], 10).join('')).toHaveLength(10)
})
