import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Faults, NO_FAULTS } from './faults.ts'
import { createLink, type Link } from './link.ts'

export interface FaultyProxy extends AsyncDisposable {
  readonly port: number
  /** How many connections are open. */
  readonly connections: number
  /** How many bytes have vanished so far. */
  readonly droppedBytes: number
  /** Changes some of the faults, the others stay. */
  set(faults: Partial<Faults>): void
  /** No faults from now on. A connection that has lost bytes stays silent all the same: TCP never skips any. */
  heal(): void
  /** Cuts all that are open, as a firewall does that has forgotten them. */
  cut(): void
  /**
   * The next request with this text reaches the server, and the connection is cut as soon as the server answers
   * anything: the client never learns what became of it. Resolves when that has happened.
   */
  loseAnswerTo(text: string): Promise<void>
}

interface Loss {
  text: string
  done: () => void
}

/** A TCP proxy in front of a server on the loopback interface, for what real networks do to connections. */
export async function startFaultyProxy(targetPort: number, port = 0): Promise<FaultyProxy> {
  let faults = NO_FAULTS
  let droppedBytes = 0
  const links = new Set<Link>()
  const losses: Loss[] = []
  const server = createServer((client: Socket) => {
    if (faults.refuses) return client.resetAndDestroy()
    const link = createLink(client, connect({ port: targetPort, host: '127.0.0.1' }), {
      faults: () => faults,
      lossOf: (request) => takeLoss(losses, request),
      onDropped: (bytes) => {
        droppedBytes += bytes
      },
      onClosed: () => links.delete(link),
    })
    links.add(link)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const link of links) link.cut()
  }
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return links.size
    },
    get droppedBytes() {
      return droppedBytes
    },
    set: (change) => {
      faults = { ...faults, ...change }
    },
    heal: () => {
      faults = NO_FAULTS
    },
    cut,
    loseAnswerTo: (text) =>
      new Promise((done) => {
        losses.push({ text: text.toLowerCase(), done })
      }),
    [Symbol.asyncDispose]: async () => {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}

function takeLoss(losses: Loss[], request: string): Loss['done'] | undefined {
  const at = losses.findIndex(({ text }) => request.includes(text))
  return at < 0 ? undefined : losses.splice(at, 1)[0]?.done
}
