import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { abortableDelay, asError } from '@app/runtime'
import { AbstractConnector, Redis } from 'ioredis'
import { questionOptions } from './connect-options.ts'
import type { Endpoint, RedisAddress } from './redis-address.ts'

type ClusterAddress = Extract<RedisAddress, { kind: 'cluster' }>

/** From and to which slot, then the nodes that have them, the primary first: address, port, and more. */
type Slots = [from: number, to: number, ...nodes: [host: string | null, port: number, ...unknown[]][]][]

const MOST_PAUSE_MS = 2_000

/**
 * Makes a plain connection to the node of a Cluster that owns a key's slot, or to any primary where no key is given.
 * It is looked up anew for each connection: so whoever is told MOVED need only reconnect.
 */
export function clusterConnector(address: ClusterAddress, key: string | undefined) {
  let known: Endpoint[] = address.nodes
  let owner: Endpoint | undefined

  class ClusterConnector extends AbstractConnector {
    #giveUp = new AbortController()

    constructor() {
      super(500)
    }

    /** Never rejects but when given up: the driver would take that for the end. */
    override async connect(emit: (type: string, error: Error) => void) {
      this.connecting = true
      this.#giveUp = new AbortController()
      const { signal } = this.#giveUp
      for (let tries = 1; ; tries += 1) {
        try {
          owner = await this.#findOwner(signal)
          break
        } catch (error) {
          signal.throwIfAborted()
          emit('error', asError(error))
          await abortableDelay(Math.min(50 * 2 ** tries, MOST_PAUSE_MS), signal)
        }
      }
      signal.throwIfAborted()
      this.stream = address.tls ? connectTls({ ...owner, servername: owner.host }) : connectTcp(owner)
      this.stream.once('error', (error: Error) => {
        this.firstError = error
      })
      return this.stream
    }

    override disconnect(): void {
      this.#giveUp.abort(new Error('Connection is closed.'))
      super.disconnect()
    }

    async #findOwner(signal: AbortSignal): Promise<Endpoint> {
      let last = new Error('no node of the Cluster is known')
      for (const node of shuffled(known)) {
        signal.throwIfAborted()
        try {
          const { slot, slots } = await ask(address, node, key)
          known = unique([...slots.map(({ primary }) => primary), ...address.nodes])
          return ownerIn(slots, slot)
        } catch (error) {
          last = asError(error)
        }
      }
      throw last
    }
  }

  return { Connector: ClusterConnector, owner: () => owner }
}

interface SlotRange {
  from: number
  to: number
  primary: Endpoint
}

async function ask(
  address: ClusterAddress,
  node: Endpoint,
  key: string | undefined,
): Promise<{ slot: number | undefined; slots: SlotRange[] }> {
  const redis = new Redis(questionOptions(address, node))
  redis.on('error', () => {})
  try {
    await redis.connect()
    const [slots, slot] = await Promise.all([
      redis.cluster('SLOTS') as Promise<Slots>,
      key === undefined ? undefined : redis.cluster('KEYSLOT', key),
    ])
    return { slot, slots: slots.map((range) => toRange(range, node)) }
  } finally {
    redis.disconnect()
  }
}

/** A node that does not know its own address leaves it out: it is the one we asked at. */
function toRange([from, to, primary]: Slots[number], asked: Endpoint): SlotRange {
  return { from, to, primary: { host: primary?.[0] || asked.host, port: primary?.[1] ?? asked.port } }
}

function ownerIn(slots: readonly SlotRange[], slot: number | undefined): Endpoint {
  const found =
    slot === undefined ? shuffled(slots)[0] : slots.find(({ from, to }) => from <= slot && slot <= to)
  if (!found) throw new Error(`no node of the Cluster has the slot ${slot ?? ''}`)
  return found.primary
}

function unique(endpoints: readonly Endpoint[]): Endpoint[] {
  return [...new Map(endpoints.map((endpoint) => [`${endpoint.host}:${endpoint.port}`, endpoint])).values()]
}

/** So that many processes don't all ask, or all listen at, the same node. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}
