import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'

/** A stored object's bytes as the body of an answer. */
export function webStream(stream: Readable): ReadableStream<Uint8Array> & globalThis.ReadableStream {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array> & globalThis.ReadableStream
}
