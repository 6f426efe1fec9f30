import type { JobEvent } from '@app/contracts'
import { processStamp, readStack } from '@app/infra'
import { hasFlite } from '@app/media'
import { realPostgres, type TestDatabase, testDatabase } from '@app/testkit'
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
const VICTIMS = ['redis', 'postgres', 'api', 'transcriber', 'ai-worker', 'embedder']
/** What a worker's death should interrupt; anything else may be killed whatever goes on. */
const WORK: Record<string, readonly string[]> = {
  transcriber: ['transcribe'],
  'ai-worker': ['summarize', 'tag'],
  embedder: ['embed'],
}

/** A stack, and the book that it makes when nothing happens. */
interface Subject {
  database: string
  stack: StackUnderTest
  made: MadeBook
  undisturbed: FinishedBook
  random: () => number
}

describe.skipIf(!(await hasFlite()))('kill -9 at a random moment of a book (needs ffmpeg with flite)', () => {
  const subjects: Subject[] = []
  let database: TestDatabase | undefined
  beforeAll(async () => {
    database = realPostgres() ? await testDatabase() : undefined
    const urls = { PGlite: undefined, ...(database ? { PostgreSQL: database.url } : {}) }
    await eachOf(Object.entries(urls), async ([name, url], index) => {
      subjects.push(await prepare(name, url, SEED + index))
    })
  })
  afterAll(async () => {
    await eachOf(subjects, async ({ stack }) => await stack[Symbol.asyncDispose]())
    await database?.[Symbol.asyncDispose]()
  })

  // On both databases at once: most of the time goes by in waiting for leases of the dead to end.
  it.each(VICTIMS)('of %s ends in the same book, with everything done once', async (victim) => {
    const having = subjects.filter(({ stack }) => pidOf(stack, victim) !== undefined)
    expect(having).not.toEqual([])
    await eachOf(having, async (subject) => {
      const { stack } = subject
      const before = pidOf(stack, victim)

      const disturbed = await disturb(subject, victim, () => process.kill(before as number, 'SIGKILL'))

      await expectTheSameBook(subject, disturbed)
      const after = await vi.waitUntil(() => pidOf(stack, victim), { timeout: 60_000 })
      expect(after).not.toBe(before)
      expect(untruthsIn(stack)).toEqual([])
    })
  })

  it('of the whole stack ends in the same book once it is started again', async () => {
    await eachOf(subjects, async (subject) => {
      const { stack } = subject
      const disturbed = await disturb(subject, 'stack', () => {
        process.kill(stack.running.pid, 'SIGKILL')
        for (const { pid } of readStack(stack.dataDir)?.services ?? []) process.kill(pid, 'SIGKILL')
      })
      await stack.running.exited

      await stack.startAgain()

      await expectTheSameBook(subject, disturbed)
      expect(untruthsIn(stack)).toEqual([])
    })
  })
})

async function prepare(database: string, url: string | undefined, seed: number): Promise<Subject> {
  const stack = await stackUnderTest({
    // The same recording again and again is to be heard each time.
    PROVIDER_CACHE: 'off',
    // The same words each time are wanted, not the best.
    POCKETSPHINX_EFFORT: 'draft',
    ...(url === undefined ? {} : { DATABASE_URL: url }),
  })
  await recordEffects(stack)
  const made = await makeBook(SHORT_TEXT, { directory: stack.workFolder('short') })
  const { audiobook_id: bookId } = await sendBook(stack.api, made)
  const undisturbed = await finishedBook(stack.api, bookId)
  expect(faultsIn(await effectsOf(stack, bookId))).toEqual([])
  return { database, stack, made, undisturbed, random: seededRandom(seed) }
}

/** Makes the book once more and kills at a moment of it that the seed chooses. */
async function disturb({ stack, made, undisturbed, random }: Subject, victim: string, kill: () => void) {
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

async function expectTheSameBook(
  { stack, database, undisturbed }: Subject,
  { bookId, moment }: { bookId: string; moment: string },
): Promise<void> {
  const book = await finishedBook(stack.api, bookId)
  const told = `on ${database}, killed when ${moment}`
  const finished = { overall_status: 'completed', completed_jobs: 8, failed_jobs: 0 }
  expect(book.jobs, told).toMatchObject(finished)
  expect({ ...book, jobs: undefined }, told).toEqual({ ...undisturbed, jobs: undefined })
  expect(faultsIn(await effectsOf(stack, bookId)), told).toEqual([])
}

function pidOf(stack: StackUnderTest, name: string): number | undefined {
  return readStack(stack.dataDir)?.services.find((service) => service.name === name)?.pid
}

/** Services that stack.json leaves out, and pids in it that nobody has. */
function untruthsIn(stack: StackUnderTest): string[] {
  const services = readStack(stack.dataDir)?.services ?? []
  const expected = stack.running.stack.services.map(({ name }) => name)
  const missing = expected.filter((name) => !services.some((service) => service.name === name))
  const dead = services.filter(({ pid }) => processStamp(pid) === undefined)
  return [...missing, ...dead.map(({ name, pid }) => `${name} ${pid}`)]
}

/** All at once, and waits for all of them: one that fails must not leave the others running. */
async function eachOf<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(items.map(work))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
