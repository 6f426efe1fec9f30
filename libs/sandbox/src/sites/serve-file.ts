import type { IncomingMessage, ServerResponse } from 'node:http'
import { abortableDelay } from '@app/runtime'
import { orAborted } from '../server/or-aborted.ts'
import type { SiteFile } from './files.ts'

const SLICES_PER_SECOND = 20

/** Where a body stops until somebody says so: a download that is under way for as long as a test wants. */
export interface Pause {
  /** Bytes that are sent before. */
  after: number
  until: PromiseLike<unknown>
  reached: () => void
}

/** Serves a file or a range of it; resolves when it is sent, rejects when the client hangs up. */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  { file, pause }: { file: SiteFile; pause?: Pause | undefined },
): Promise<void> {
  const hungUp = new AbortController()
  response.once('close', () => response.writableFinished || hungUp.abort(new Error('the client hung up')))
  const { start, end, status, headers } = rangeOf(request, file)
  response.writeHead(status, {
    ...{ 'content-type': file.type, 'content-length': String(end - start), 'accept-ranges': 'bytes' },
    ...{ ...headers, ...file.headers },
  })
  if (request.method === 'HEAD') return void response.end()
  const stop = file.breaksAfter === undefined ? end : Math.min(end, start + file.breaksAfter)
  const slice = file.bytesPerSecond === undefined ? stop : Math.ceil(file.bytesPerSecond / SLICES_PER_SECOND)
  let at = start
  const send = async (until: number) => {
    for (; at < until; at = Math.min(until, at + slice)) {
      await written(response, file.body.subarray(at, Math.min(until, at + slice)), hungUp.signal)
      if (file.bytesPerSecond !== undefined) await abortableDelay(1000 / SLICES_PER_SECOND, hungUp.signal)
    }
  }
  if (pause) {
    await send(Math.min(stop, start + pause.after))
    pause.reached()
    await orAborted(pause.until, hungUp.signal)
  }
  await send(stop)
  if (stop < end) return void response.destroy()
  response.end()
}

function rangeOf(request: IncomingMessage, { body, status = 200 }: SiteFile) {
  const whole = { start: 0, end: body.length, status, headers: {} }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (status !== 200 || first === undefined) return whole
  const start = Number(first)
  if (start >= body.length) return { start: 0, end: 0, status: 416, headers: unsatisfied(body) }
  const end = last ? Math.min(Number(last) + 1, body.length) : body.length
  const headers = { 'content-range': `bytes ${start}-${end - 1}/${body.length}` }
  return { start, end, status: 206, headers }
}

const unsatisfied = (body: Buffer) => ({ 'content-range': `bytes */${body.length}` })

/** Handed to the network, so that what is counted as sent is on its way. */
async function written(response: ServerResponse, bytes: Buffer, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  response.write(bytes, (error) => (error ? reject(error) : resolve()))
  await orAborted(promise, signal)
}
