import type { Queue, Worker } from 'bullmq'

/** Runs the worker until the last job is completed, which is when its lock and its data are gone. */
export async function runAll(worker: Worker, jobs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let completed = 0
  worker.on('completed', () => {
    completed += 1
    if (completed === jobs) resolve()
  })
  worker.on('failed', (_job, error) => reject(error))
  worker.run().catch(reject)
  await promise
}

/** Throws where a job is left in any state. */
export async function assertEmpty(queue: Queue): Promise<void> {
  const counts = await queue.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed')
  const left = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (left > 0) throw new Error(`${left} jobs are left: ${JSON.stringify(counts)}`)
}
