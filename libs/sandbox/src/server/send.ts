import type { ServerResponse } from 'node:http'
import type { PlannedAnswer } from './faults.ts'
import type { Answer } from './wire.ts'

/** Sends an answer, or hangs up before it or in the middle of it. */
export async function sendAnswer(
  response: ServerResponse,
  { status, headers = {}, body }: Answer,
  cut?: PlannedAnswer['cut'],
): Promise<void> {
  if (cut === 'before') return void response.destroy()
  const bytes = bytesOf(body)
  const type =
    typeof body === 'object' && !Buffer.isBuffer(body) ? { 'content-type': 'application/json' } : {}
  const length = status === 204 ? {} : { 'content-length': String(bytes.length) }
  response.writeHead(status, { ...type, ...length, ...headers })
  if (cut !== 'middle') return ended(response, bytes)
  response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => response.destroy())
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function ended(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('close', () =>
      response.writableFinished ? resolve() : reject(new Error('the client hung up')),
    )
    response.end(bytes)
  })
}
