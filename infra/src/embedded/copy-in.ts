import { copyFail, type Message, messagesOf } from './wire.ts'

/**
 * A request that PGlite answers however it goes. COPY FROM STDIN waits for rows, PGlite has nothing to wait with, and
 * would end; so it is told at once that none come. Where nothing is copied it takes no notice of that.
 */
export function withoutCopyIn(request: Uint8Array): Uint8Array {
  const messages = messagesOf(Buffer.from(request.buffer, request.byteOffset, request.byteLength))
  if (!messages.some(mayCopy)) return request
  const refusal = copyFail('the embedded database takes no rows from STDIN')
  return Buffer.concat(messages.flatMap((it) => (mayCopy(it) ? [it.bytes, refusal] : [it.bytes])))
}

/** What a portal executes may have been parsed long before. */
function mayCopy({ type, bytes }: Message): boolean {
  return type === 'E' || (type === 'Q' && namesCopy(bytes.toString('latin1')))
}

export const namesCopy = (text: string): boolean => /\bcopy\b/i.test(text)
