import type { JobEvent } from '@app/contracts'
import { processStamp, readStack } from '@app/infra'
import { hasFlite } from '@app/media'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type MadeBook, makeBook } from '../scripts/demo/book/make-book.ts'
import { seededRandom } from '../scripts/demo/book/seeded-random.ts'
import { sendBook } from '../scripts/demo/client/send-book.ts'
import { effectsOf, faultsIn, recordEffects } from './effects.ts'
import { type FinishedBook, finishedBook } from './finished-book.ts'
import { openMoments } from './moments.ts'
import { type StackUnderTest, stackUnderTest } from './running-stack.ts'
import { SHORT_TEXT } from './short-text.ts'

/** Another one moves every kill to other moments. */
const SEED = Number(process.env.KILL_SEED ?? 1)
const PROCESSES = ['redis', 'postgres', 'api', 'transcriber', 'ai-worker', 'embedder']
/** What a worker's death should interrupt; anything else may be killed whatever goes on. */
const WORK: Record<string, readonly string[]> = {
  transcriber: ['transcribe'],
  'ai-worker': ['summarize', 'tag'],
  embedder: ['embed'],
}

describe.skipIf(!(await hasFlite()))('kill -9 at a random moment of a book (needs ffmpeg with flite)', () => {
  let stack: StackUnderTest
  let made: MadeBook
  let undisturbed: FinishedBook
  const random = seededRandom(SEED)
  beforeAll(async () => {
    stack = await stackUnderTest()
    await recordEffects(stack)
    made = await makeBook(SHORT_TEXT, { directory: stack.workFolder('short') })
    const { audiobook_id } = await sendBook(stack.api, made)
    undisturbed = await finishedBook(stack.api, audiobook_id)
    expect(faultsIn(await effectsOf(stack, audiobook_id))).toEqual([])
  })
  afterAll(() => stack?.[Symbol.asyncDispose]())

  it.each(PROCESSES)('of %s ends in the same book, with everything done once', async (victim) => {
    const before = pidOf(stack, victim)

    const { bookId, moment } = await disturbedBook(victim, () => process.kill(before as number, 'SIGKILL'))

    await expectTheSameBook(bookId, moment)
    const after = await vi.waitUntil(() => pidOf(stack, victim), { timeout: 60_000 })
    expect(after).not.toBe(before)
    expect(strangersIn(stack)).toEqual([])
  })

  it('of the whole stack ends in the same book once it is started again', async () => {
    const { bookId, moment } = await disturbedBook('stack', () => {
      process.kill(stack.running.pid, 'SIGKILL')
      for (const { pid } of readStack(stack.dataDir)?.services ?? []) process.kill(pid, 'SIGKILL')
    })
    await stack.running.exited

    await stack.startAgain()

    await expectTheSameBook(bookId, moment)
    expect(strangersIn(stack)).toEqual([])
  })

  /** Makes the book and kills at a moment of it that the seed chooses. */
  async function disturbedBook(victim: string, kill: () => void) {
    using moments = await openMoments(stack)
    const { audiobook_id: bookId } = await sendBook(stack.api, made)
    const work = WORK[victim]
    const isMeant = ({ type, jobType }: JobEvent) =>
      type === 'job.started.v1' && (work === undefined || work.includes(jobType))
    const chances = undisturbed.jobs.jobs.filter(({ job_type }) => work?.includes(job_type) ?? true).length
    const count = 1 + Math.floor(random() * chances)
    const event = await moments.until(bookId, isMeant, count)
    kill()
    return { bookId, moment: `${event?.jobType ?? 'nothing'} began, start ${count} of ${chances}` }
  }

  async function expectTheSameBook(bookId: string, moment: string) {
    const book = await finishedBook(stack.api, bookId)
    const told = `when ${moment}`
    expect(book.jobs, told).toMatchObject({ overall_status: 'completed', completed_jobs: 8, failed_jobs: 0 })
    expect({ ...book, jobs: undefined }, told).toEqual({ ...undisturbed, jobs: undefined })
    expect(faultsIn(await effectsOf(stack, bookId)), told).toEqual([])
  }
})

function pidOf(stack: StackUnderTest, name: string): number | undefined {
  return readStack(stack.dataDir)?.services.find((service) => service.name === name)?.pid
}

/** Services that stack.json leaves out, and pids in it that nobody has. */
function strangersIn(stack: StackUnderTest): string[] {
  const services = readStack(stack.dataDir)?.services ?? []
  const missing = PROCESSES.filter((name) => !services.some((service) => service.name === name))
  const dead = services.filter(({ pid }) => processStamp(pid) === undefined)
  return [...missing, ...dead.map(({ name, pid }) => `${name} ${pid}`)]
}
