import type { Socket } from 'node:net'
import { delayLine } from './delay-line.ts'
import type { Faults } from './faults.ts'

/** A client's connection through the proxy. */
export interface Link {
  cut(): void
}

interface LinkOptions {
  faults: () => Faults
  /** What to call once the answer to this request is lost, if it shall be. */
  lossOf: (request: string) => (() => void) | undefined
  onDropped: (bytes: number) => void
  onClosed: () => void
}

/** How much of what a client sent first is remembered, to tell one kind of connection from another. */
const OPENING_CHARS = 2_000
/** A request may come in pieces: this much of the piece before is looked at again. */
const OVERLAP_CHARS = 100

/** Joins a client's connection with one to the server, with what happens to the bytes in between. */
export function createLink(client: Socket, server: Socket, options: LinkOptions): Link {
  const { faults, lossOf, onDropped, onClosed } = options
  const [toServer, toClient] = [delayLine(server), delayLine(client)]
  const lost = { requests: false, answers: false }
  let [opening, recent] = ['', '']
  let onAnswer: (() => void) | undefined
  const concerns = ({ only }: Faults) => only === undefined || opening.includes(only.toLowerCase())
  const cut = () => {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }

  client.on('data', (chunk) => {
    const text = chunk.toString('latin1').toLowerCase()
    opening = (opening + text).slice(0, OPENING_CHARS)
    recent = recent.slice(-OVERLAP_CHARS) + text
    lost.requests ||= faults().dropsRequests && concerns(faults())
    if (lost.requests) return onDropped(chunk.length)
    onAnswer ??= lossOf(recent)
    if (onAnswer) recent = ''
    toServer.send(chunk, faults().delayMs)
  })
  server.on('data', (chunk) => {
    if (onAnswer) {
      cut()
      onAnswer()
    }
    lost.answers ||= onAnswer !== undefined || (faults().dropsAnswers && concerns(faults()))
    if (lost.answers) return onDropped(chunk.length)
    toClient.send(chunk, faults().delayMs)
  })
  joinEnds(client, toServer, () => faults().delayMs)
  joinEnds(server, toClient, () => faults().delayMs)
  for (const socket of [client, server]) {
    socket.on('error', cut)
    socket.on('close', () => {
      if (client.closed && server.closed) onClosed()
    })
  }
  return { cut }
}

function joinEnds(from: Socket, to: ReturnType<typeof delayLine>, delayMs: () => number): void {
  from.on('end', () => to.end(delayMs()))
}
