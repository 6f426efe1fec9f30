import { type Lane, MAX_TICKET_BYTES, type Ticket } from '@app/contracts'
import { asError, FatalError } from '@app/runtime'
import { streamKey } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { frequentScript } from './scripts.ts'

/** A script holds up every other client of Redis for as long as it runs: about a millisecond for these. */
const MOST_AT_ONCE = 500

export interface Publication {
  queue: string
  lane: Lane
  ticket: Ticket
}

/**
 * Adds each ticket to its lane's stream; the answer has the entry's id, or the error, of each in order. After an error
 * nobody knows whether the entry stands: publishing it again is harmless, for the second ticket claims nothing.
 * Throws `ticket-too-large` before anything is sent.
 */
export function publisher(redis: RedisClient, prefix: string) {
  const add = frequentScript(redis, 'publish')

  return async (publications: readonly Publication[]): Promise<(string | Error)[]> => {
    const answers: (string | Error)[] = new Array(publications.length)
    await Promise.all(
      batchesOf(publications, prefix).map(({ stream, tickets, places }) => send(stream, tickets, places)),
    )
    return answers

    async function send(stream: string, tickets: string[], places: number[]): Promise<void> {
      const ids = await add([stream], tickets).catch(asError)
      for (const [index, place] of places.entries()) {
        answers[place] = ids instanceof Error ? ids : String((ids as string[])[index])
      }
    }
  }
}

interface Batch {
  stream: string
  tickets: string[]
  /** Where each stands among all publications. */
  places: number[]
}

function batchesOf(publications: readonly Publication[], prefix: string): Batch[] {
  const batches: Batch[] = []
  const open = new Map<string, Batch>()
  for (const [place, { queue, lane, ticket }] of publications.entries()) {
    const stream = streamKey(prefix, queue, lane)
    let batch = open.get(stream)
    if (!batch || batch.tickets.length >= MOST_AT_ONCE) {
      batch = { stream, tickets: [], places: [] }
      open.set(stream, batch)
      batches.push(batch)
    }
    batch.tickets.push(encode(ticket))
    batch.places.push(place)
  }
  return batches
}

function encode(ticket: Ticket): string {
  const text = JSON.stringify(ticket)
  // A character is three bytes at most in UTF-8 per UTF-16 unit: short texts need no counting.
  if (text.length * 3 > MAX_TICKET_BYTES && Buffer.byteLength(text) > MAX_TICKET_BYTES) {
    throw new FatalError(
      'ticket-too-large',
      `the ticket of job ${ticket.jobId} is over ${MAX_TICKET_BYTES} bytes`,
    )
  }
  return text
}
