import { type Bus, LEASE_MS, type LeasedEntry, LeaseKeeper, StreamConsumer } from '@app/bus'
import { QUEUE } from './job-ids.ts'

const CONSUMER = 'bench'

interface ConsumerOptions {
  bus: Bus
  url: string
  slots: number
  onTicket: (ticket: string) => void
}

/**
 * Reads the queue into slots, with leases that are renewed as in production, and a handler that does nothing but look.
 * Returns how to stop.
 */
export function startConsumer({ bus, url, slots, onTicket }: ConsumerOptions): () => Promise<void> {
  const leases = new LeaseKeeper<LeasedEntry>({
    url,
    consumer: CONSUMER,
    onLost: () => {},
    onError: () => {},
  })
  const consumer = new StreamConsumer({
    ...{ bus, url, slots, queue: QUEUE, consumer: CONSUMER, leaseMs: LEASE_MS },
    async handle(delivery) {
      leases.hold(delivery)
      onTicket(delivery.ticket)
      leases.release(delivery)
      return 'done'
    },
    onError: () => {},
  })
  leases.start()
  consumer.start()
  return async () => {
    await consumer.stopReading()
    await consumer.close()
    await leases.stop()
  }
}
