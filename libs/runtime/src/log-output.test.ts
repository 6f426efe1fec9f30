import { expect, it } from 'vitest'
import { lineOutput } from './log-output.ts'

const failure = (code: string) => Object.assign(new Error(code), { code })

/** A reader that takes as many bytes at a time as the script says; an Error is what the write meets instead. */
function pipe(script: (number | Error)[]) {
  const taken: string[] = []
  let writes = 0
  const write = (_fd: number, bytes: Uint8Array) => {
    writes += 1
    const next = script.shift() ?? bytes.length
    if (next instanceof Error) throw next
    taken.push(Buffer.from(bytes.subarray(0, next)).toString())
    return Math.min(next, bytes.length)
  }
  return { output: lineOutput(1, write), text: () => taken.join(''), writes: () => writes }
}

it('has written a line when it returns', () => {
  const { output, text } = pipe([])

  output.write('one\n')

  expect(text()).toBe('one\n')
})

it('goes on where a partial write ended, even inside a character', () => {
  const { output, writes } = pipe([1, 1])
  const { output: whole, text } = pipe([2, 3])

  output.write('é\n')
  whole.write('abcdef\n')

  expect(writes()).toBe(3)
  expect(text()).toBe('abcdef\n')
})

it('waits for a full pipe', () => {
  const { output, text } = pipe([failure('EAGAIN'), 2, failure('EAGAIN')])

  output.write('one\n')

  expect(text()).toBe('one\n')
})

it('drops lines, never halves of lines, while nobody reads', () => {
  const stuck = Array.from({ length: 102 }, () => failure('EAGAIN'))
  const { output, text, writes } = pipe([2, ...stuck])

  output.write('one\n')
  output.write('two\n')
  output.write('three\n')

  expect(text()).toBe('one\nthree\n')
  expect(writes()).toBe(105)
})

it('is silent once the reader is gone', () => {
  const { output, writes } = pipe([failure('EPIPE')])

  output.write('one\n')
  output.write('two\n')

  expect(writes()).toBe(1)
})
