import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that the system gives to outgoing connections (Linux from 32768, macOS from 49152). There, a
 * client that keeps trying to reach a server that is away may be given the server's own port, connect to
 * itself, and keep the server from ever coming back.
 */
const LOWEST = 20_000
const HIGHEST = 32_000

/** A port on the loopback interface that nothing uses just now. Somebody may take it first: users must cope. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST)
    if (await isPortFree(port)) return port
  }
  throw new Error(`found no free port from ${LOWEST} to ${HIGHEST}`)
}

export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    // As the services listen: on all interfaces.
    server.listen(port)
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
