import { JobEvent } from '@app/contracts'
import { Redis } from 'ioredis'
import type { StackUnderTest } from './running-stack.ts'

const BLOCK_MS = 500

/** Job events of one book as they happen. Open it before the book is made, or the first are missed. */
export async function openMoments(stack: StackUnderTest) {
  const redis = new Redis(stack.running.stack.redis_url)
  redis.on('error', () => {})
  const [newest] = await redis.xrevrange('audiobook:events', '+', '-', 'COUNT', 1)
  let last = newest?.[0] ?? '0-0'
  return {
    /** Resolves at the count-th event of the book that is meant, or with undefined where the book ends before that. */
    async until(audiobookId: string, isMeant: (event: JobEvent) => boolean, count: number) {
      let [met, completed] = [0, 0]
      for (;;) {
        const answer = await redis.xread('COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', 'audiobook:events', last)
        const [id, fields] = answer?.[0]?.[1][0] ?? []
        if (id === undefined) continue
        last = id
        const event = JobEvent.parse(JSON.parse(fields?.[1] ?? ''))
        if (event.subjectId !== audiobookId) continue
        if (isMeant(event)) met += 1
        if (met === count) return event
        if (event.type === 'job.completed.v1') completed += 1
        if (completed === 8) return undefined
      }
    },
    [Symbol.dispose]: () => redis.disconnect(),
  }
}
