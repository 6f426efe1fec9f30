import type { Socket } from 'node:net'
import type { Request } from './turns.ts'
import {
  askForPassword,
  belongsToCopy,
  endsRequest,
  type Frame,
  fatalError,
  frameSize,
  leavesRequestOpen,
  ProtocolError,
  parseFrame,
  passwordIn,
} from './wire.ts'

interface ClientOptions {
  password: string
  onRequest(request: Request<PgliteClient>): void
  onGone(client: PgliteClient): void
}

/** One connection: gathers its messages into whole requests, and sends the answers. */
export class PgliteClient {
  readonly #socket: Socket
  readonly #options: ClientOptions
  #state: 'opening' | 'password' | 'ready' = 'opening'
  #startup: Buffer = Buffer.alloc(0)
  /** Arrived and not yet a whole frame. Joined only when enough is there: a large row comes in many pieces. */
  #chunks: Buffer[] = []
  #chunkBytes = 0
  /** Messages of a request that has not ended yet. */
  #messages: Buffer[] = []
  #silence: NodeJS.Timeout | undefined

  constructor(socket: Socket, options: ClientOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('data', (chunk) => this.#read(chunk))
    // 'close' follows, and is all we need to know.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(this.#silence)
      options.onGone(this)
    })
  }

  send(bytes: Uint8Array): void {
    // Copied: PGlite hands out a window on its own memory.
    if (this.#socket.writable) this.#socket.write(Buffer.from(bytes))
  }

  /** Everybody waits for this client: it is dropped when nothing comes from it for so long. */
  expectWord(withinMs: number): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(
      () => this.dismiss('25P03', 'terminating connection due to idle-in-transaction timeout'),
      withinMs,
    )
  }

  dismiss(sqlState: string, why: string): void {
    if (this.#socket.writable) this.#socket.write(fatalError(sqlState, why))
    this.#socket.destroySoon()
  }

  #read(chunk: Buffer): void {
    this.#silence?.refresh()
    this.#chunks.push(chunk)
    this.#chunkBytes += chunk.length
    try {
      for (let frame = this.#takeFrame(); frame; frame = this.#takeFrame()) this.#onFrame(frame)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.dismiss('08P01', `not the PostgreSQL protocol: ${error.message}`)
    }
  }

  #takeFrame(): Frame | undefined {
    const isOpening = this.#state === 'opening'
    const size = frameSize(this.#head(), isOpening)
    if (size === undefined || this.#chunkBytes < size) return undefined
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#chunks = bytes.length > size ? [bytes.subarray(size)] : []
    this.#chunkBytes = bytes.length - size
    return parseFrame(bytes.subarray(0, size), isOpening)
  }

  /** Enough to read a frame's length from. */
  #head(): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks
    return first.length >= 5 ? first : Buffer.concat(this.#chunks)
  }

  #onFrame(frame: Frame): void {
    if (frame.kind === 'encryption-request') this.#socket.write('N')
    else if (frame.kind === 'cancel-request') this.#socket.destroy()
    else if (frame.kind === 'startup') this.#askForPassword(frame.bytes)
    else if (this.#state === 'password') this.#checkPassword(frame.bytes)
    else this.#onMessage(frame.type, frame.bytes)
  }

  #askForPassword(startup: Buffer): void {
    this.#startup = startup
    this.#state = 'password'
    this.#socket.write(askForPassword())
  }

  #checkPassword(bytes: Buffer): void {
    if (passwordIn(bytes) === this.#options.password) {
      this.#state = 'ready'
      this.#request(this.#startup, false)
    } else {
      this.dismiss('28P01', 'password authentication failed')
    }
  }

  #onMessage(type: string, bytes: Buffer): void {
    if (type === 'X') this.#socket.destroySoon()
    else if (!belongsToCopy(type)) this.#messages.push(bytes)
    if (!endsRequest(type)) return
    const whole = Buffer.concat(this.#messages)
    this.#messages = []
    this.#request(whole, leavesRequestOpen(type))
  }

  #request(bytes: Buffer, isOpen: boolean): void {
    clearTimeout(this.#silence)
    this.#options.onRequest({ client: this, bytes, isOpen })
  }
}
