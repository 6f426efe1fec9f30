// The little of PostgreSQL's wire protocol that a server must know to share one database among connections.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const PROTOCOL_3 = 196_608
const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104
const CANCEL_REQUEST = 80_877_102
/** Larger than anything we store; a length beyond it is not PostgreSQL that is speaking. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024

/** What clients send. At any other a server ends the session, which is everybody's here. */
const MESSAGE_TYPES = 'QPBDECSHFXdcfp'

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
  const type = String.fromCharCode(bytes[0] ?? 0)
  if (!MESSAGE_TYPES.includes(type)) throw new ProtocolError(`a message of type ${bytes[0]}`)
  return { kind: 'message', type, bytes }
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

/** Rows to be copied, and their end. A server that waits for none takes no notice of them. */
export function belongsToCopy(type: string): boolean {
  return type === 'd' || type === 'c' || type === 'f'
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

export type Message = Pick<Extract<Frame, { kind: 'message' }>, 'type' | 'bytes'>

/** The messages of a whole request; none where it is a connection's opening. */
export function messagesOf(request: Buffer): Message[] {
  const messages: Message[] = []
  // The first byte of an opening is that of its length.
  for (let at = 0; at < request.length && request[at] !== 0; ) {
    const size = frameSize(request.subarray(at, at + 5), false) ?? request.length
    const bytes = request.subarray(at, at + size)
    messages.push({ type: String.fromCharCode(bytes[0] ?? 0), bytes })
    at += size
  }
  return messages
}

/** What follows the name: the statement's text and the types of its parameters. */
export function readParse(message: Buffer): { name: string; rest: Buffer } {
  const [name, rest] = takeText(message.subarray(5))
  return { name, rest }
}

export const parseMessage = (name: string, rest: Buffer): Buffer =>
  frame('P', Buffer.concat([Buffer.from(`${name}\0`), rest]))

export interface Bind {
  portal: string
  statement: string
  /** The parameters and how they and the results are written. */
  rest: Buffer
}

export function readBind(message: Buffer): Bind {
  const [portal, behind] = takeText(message.subarray(5))
  const [statement, rest] = takeText(behind)
  return { portal, statement, rest }
}

/** The same values for another statement. */
export const bindMessage = (statement: string, { portal, rest }: Omit<Bind, 'statement'>): Buffer =>
  frame('B', Buffer.concat([Buffer.from(`${portal}\0${statement}\0`), rest]))

export const describePortal = (name: string): Buffer => frame('D', Buffer.from(`P${name}\0`))

/** All of its rows. */
export const executePortal = (name: string): Buffer =>
  frame('E', Buffer.concat([Buffer.from(`${name}\0`), Buffer.alloc(4)]))

/** Instead of rows to be copied. Does nothing where none are waited for. */
export const copyFail = (why: string): Buffer => frame('f', Buffer.from(`${why}\0`))

/** Does nothing where there is no such statement. */
export const closeStatement = (name: string): Buffer => frame('C', Buffer.from(`S${name}\0`))

export const PARSE_COMPLETE = frame('1', Buffer.alloc(0))

/** A text without an end is none: what has one makes sense of nothing else either, and says so. */
function takeText(bytes: Buffer): [text: string, rest: Buffer] {
  const end = bytes.indexOf(0)
  return [bytes.toString('utf8', 0, Math.max(end, 0)), bytes.subarray(end + 1)]
}

function frame(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}
