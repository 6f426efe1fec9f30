import { describe, expect, it } from 'vitest'
import { fatalError, frameSize, MAX_FRAME_BYTES, parseFrame, passwordIn, simpleQuery } from './wire.ts'

function opening(code: number, length = 8): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeInt32BE(length, 0)
  bytes.writeInt32BE(code, 4)
  return bytes
}

describe('frameSize', () => {
  it('waits until the length has arrived', () => {
    expect(frameSize(Buffer.from('Q\0\0\0'), false)).toBeUndefined()
    expect(frameSize(Buffer.from([0, 0, 0]), true)).toBeUndefined()
  })

  it('counts the type byte, which the length leaves out', () => {
    expect(frameSize(simpleQuery('select 1'), false)).toBe(simpleQuery('select 1').length)
    expect(frameSize(opening(196_608, 42), true)).toBe(42)
  })

  it.each([-1, 0, 3, MAX_FRAME_BYTES])('refuses a length of %d', (length) => {
    const head = Buffer.from('Q\0\0\0\0')
    head.writeInt32BE(length, 1)

    expect(() => frameSize(head, false)).toThrow(/a frame of/)
  })
})

describe('parseFrame', () => {
  it.each([
    [80_877_103, 'encryption-request'],
    [80_877_104, 'encryption-request'],
    [80_877_102, 'cancel-request'],
    [196_608, 'startup'],
  ])('knows an opening with code %d as %s', (code, kind) => {
    expect(parseFrame(opening(code), true).kind).toBe(kind)
  })

  it('refuses what speaks another protocol', () => {
    expect(() => parseFrame(opening(131_072), true)).toThrow('protocol version 2.0')
  })

  it('names the type of a message', () => {
    expect(parseFrame(simpleQuery('select 1'), false)).toMatchObject({ kind: 'message', type: 'Q' })
  })
})

it('reads the password without its closing zero', () => {
  expect(passwordIn(Buffer.from('p\0\0\0\x0bsecret\0'))).toBe('secret')
})

it('writes an error that names its SQLSTATE', () => {
  expect(fatalError('25P03', 'too slow').toString()).toContain('\0C25P03\0Mtoo slow\0\0')
})
