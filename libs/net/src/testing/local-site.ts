import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Lookup } from '../checked-addresses.ts'

export interface LocalSite extends AsyncDisposable {
  port: number
  /** `GET /path` of each request, with the Host it asked for. */
  seen: string[]
  server: Server
}

/** A web server on loopback that writes down what it is asked. */
export async function localSite(answer: RequestListener): Promise<LocalSite> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} at ${request.headers.host}`)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const dispose = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port, seen, server, [Symbol.asyncDispose]: dispose }
}

/** A resolver that knows these names; each asking takes the next answer of a name, and the last one stays. */
export function lookupOf(names: Record<string, readonly string[][]>): Lookup {
  const asked = new Map<string, number>()
  return async (name) => {
    const answers = names[name]
    if (!answers) throw new Error(`ENOTFOUND ${name}`)
    const turn = asked.get(name) ?? 0
    asked.set(name, turn + 1)
    const addresses = answers[Math.min(turn, answers.length - 1)] ?? []
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
}
