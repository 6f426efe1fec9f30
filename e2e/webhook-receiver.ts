import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** On a busy machine; a message usually takes a moment. */
const PATIENCE_MS = 60_000

/** A message as it came, with what is signed of it. */
export interface ReceivedMessage {
  headers: Record<string, string>
  body: string
}

/** Somebody's own server, which is told of jobs. */
export interface WebhookReceiver extends AsyncDisposable {
  url: string
  /** `127.0.0.1:port` */
  host: string
  /** The first message that came, or will come, for which this holds. */
  message: (isMeant: (body: string) => boolean) => Promise<ReceivedMessage>
  messages: readonly ReceivedMessage[]
}

export async function webhookReceiver(): Promise<WebhookReceiver> {
  const messages: ReceivedMessage[] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    messages.push({ headers, body: await text(request) })
    response.writeHead(204).end()
    for (const look of waiting) look()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ host, url: `http://${host}/hook`, messages },
    message: (isMeant) =>
      new Promise((resolve, reject) => {
        const overdue = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`no such message within ${PATIENCE_MS} ms, of ${messages.length} that came`))
        }, PATIENCE_MS)
        const look = () => {
          const found = messages.find(({ body }) => isMeant(body))
          if (!found) return
          clearTimeout(overdue)
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
