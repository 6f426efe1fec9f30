import { abortableDelay } from './time.ts'

/**
 * Collects calls into batches by what arrives while the one before is under way: a lone call goes at once, and a crowd
 * shares one round trip. With `gatherMs` nobody is in a hurry: each batch waits that long for more. `work` gets at most
 * `most` items and answers in their order; where it rejects, all of its calls do.
 */
export function createBatches<Item, Answer>(
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { most = 500, gatherMs = 0 }: { most?: number; gatherMs?: number } = {},
): (item: Item) => Promise<Answer> {
  interface Call {
    item: Item
    resolve: (answer: Answer) => void
    reject: (error: unknown) => void
  }
  let waiting: Call[] = []
  let working = false

  return (item) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!working) void run()
    })

  async function run(): Promise<void> {
    working = true
    // Calls of the same turn of the event loop belong together.
    await Promise.resolve()
    while (waiting.length > 0) {
      if (gatherMs > 0) await abortableDelay(gatherMs)
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await settle(batch)
    }
    working = false
  }

  async function settle(batch: readonly Call[]): Promise<void> {
    try {
      const answers = await work(batch.map((call) => call.item))
      for (const [index, call] of batch.entries()) call.resolve(answers[index] as Answer)
    } catch (error) {
      for (const call of batch) call.reject(error)
    }
  }
}
