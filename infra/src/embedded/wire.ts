// The little of PostgreSQL's wire protocol that a server must know to share one database among connections.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const PROTOCOL_3 = 196_608
const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104
const CANCEL_REQUEST = 80_877_102
/** Larger than anything we store; a length beyond it is not PostgreSQL that is speaking. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024

export type Frame =
  | { kind: 'startup'; bytes: Buffer }
  | { kind: 'encryption-request'; bytes: Buffer }
  | { kind: 'cancel-request'; bytes: Buffer }
  | { kind: 'message'; type: string; bytes: Buffer }

export class ProtocolError extends Error {}

/** Bytes of the frame that begins here; undefined until its length has arrived. */
export function frameSize(head: Buffer, isOpening: boolean): number | undefined {
  const lengthAt = isOpening ? 0 : 1
  if (head.length < lengthAt + 4) return undefined
  const size = lengthAt + head.readInt32BE(lengthAt)
  if (size < lengthAt + 4 || size > MAX_FRAME_BYTES) throw new ProtocolError(`a frame of ${size} bytes`)
  return size
}

/** A connection's first frames have no type byte. */
export function parseFrame(bytes: Buffer, isOpening: boolean): Frame {
  return isOpening ? opening(bytes) : message(bytes)
}

function message(bytes: Buffer): Frame {
  return { kind: 'message', type: String.fromCharCode(bytes[0] ?? 0), bytes }
}

function opening(bytes: Buffer): Frame {
  const code = bytes.length >= 8 ? bytes.readInt32BE(4) : 0
  if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption-request', bytes }
  if (code === CANCEL_REQUEST) return { kind: 'cancel-request', bytes }
  if (code === PROTOCOL_3) return { kind: 'startup', bytes }
  throw new ProtocolError(`protocol version ${code >> 16}.${code & 0xffff}`)
}

/** Messages the client waits for an answer to. Those before them (Parse, Bind, …) belong to the same request. */
export function endsRequest(type: string): boolean {
  return type === 'Q' || type === 'S' || type === 'H' || type === 'F'
}

/** After Flush the request goes on: until Sync the connection's unnamed statement must be left alone. */
export function leavesRequestOpen(type: string): boolean {
  return type === 'H'
}

/** An ErrorResponse that ends the connection, as a real server would send it. */
export function fatalError(sqlState: string, text: string): Buffer {
  const fields = [`SFATAL`, `VFATAL`, `C${sqlState}`, `M${text}`].map((field) => `${field}\0`).join('')
  return frame('E', Buffer.from(`${fields}\0`))
}

export function askForPassword(): Buffer {
  return frame('R', Buffer.from([0, 0, 0, 3]))
}

/** The password of a PasswordMessage. */
export function passwordIn(bytes: Buffer): string {
  return bytes.subarray(5, -1).toString()
}

export function simpleQuery(sql: string): Buffer {
  return frame('Q', Buffer.from(`${sql}\0`))
}

export function sync(): Buffer {
  return frame('S', Buffer.alloc(0))
}

function frame(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}
