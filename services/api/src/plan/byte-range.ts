export type ByteRange = { kind: 'all' } | { kind: 'part'; start: number; end: number } | { kind: 'none' }

/**
 * The bytes a Range header asks for, `end` inclusive (RFC 9110 §14). What we don't understand, several ranges
 * included, is answered with all of them, as the RFC allows; a range outside the file with none (416).
 */
export function planByteRange(header: string | undefined, sizeBytes: number): ByteRange {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return { kind: 'all' }
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes)
    return length > 0 ? { kind: 'part', start: sizeBytes - length, end: sizeBytes - 1 } : { kind: 'none' }
  }
  const start = Number(first)
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (last !== '' && Number(last) < start) return { kind: 'all' }
  return start < sizeBytes ? { kind: 'part', start, end } : { kind: 'none' }
}
