import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

type AnswerWith = (response: ServerResponse, received: Received) => unknown

/** Somebody's server that is told by webhook. It answers 204 until told otherwise. */
export async function startReceiver() {
  const received: Received[] = []
  let answer: AnswerWith = (response) => response.writeHead(204).end()
  const server = createServer(async (request, response) => {
    const one = { path: request.url ?? '', headers: request.headers, body: await text(request) }
    received.push(one)
    server.emit('received')
    await answer(response, one)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,

    answerWith(how: AnswerWith) {
      answer = how
    },

    /** Resolves once so many have come. */
    async until(count: number): Promise<void> {
      while (received.length < count) await once(server, 'received')
    },

    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What a message says, checked as its receiver would: throws where the signature is not by this secret. */
export const verified = (secret: string, { body, headers }: Received): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>)
