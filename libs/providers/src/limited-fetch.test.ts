import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { limitedFetch } from './limited-fetch.ts'

async function serving(answer: RequestListener) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

it('passes on what is as large as it may be', async () => {
  await using server = await serving((_, response) => response.end('x'.repeat(1_000)))

  const response = await limitedFetch(1_000)(server.url)

  expect(response.status).toBe(200)
  expect((await response.text()).length).toBe(1_000)
})

it('refuses an answer that says it is too large, before it is read', async () => {
  await using server = await serving((_, response) => response.end('x'.repeat(1_001)))

  await expect(limitedFetch(1_000)(server.url)).rejects.toMatchObject({ code: 'provider-answer-too-large' })
})

it('stops reading an answer that turns out too large', async () => {
  await using server = await serving((_, response) => {
    response.write('x'.repeat(900))
    response.end('x'.repeat(900))
  })

  const response = await limitedFetch(1_000)(server.url)

  await expect(response.text()).rejects.toMatchObject({ code: 'provider-answer-too-large' })
})

it('carries no key to where a redirect leads', async () => {
  let asked = 0
  await using elsewhere = await serving((_, response) => {
    asked += 1
    response.end()
  })
  await using server = await serving((_, response) =>
    response.writeHead(302, { location: elsewhere.url }).end(),
  )

  const response = await limitedFetch()(server.url, { headers: { 'x-goog-api-key': 'k' } })

  expect(response.status).toBe(302)
  expect(asked).toBe(0)
})
