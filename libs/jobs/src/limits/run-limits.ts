import {
  type Answer,
  type Asker,
  type Bus,
  checkLimit,
  LANE_WEIGHTS,
  type Limit,
  lessonOf,
  limitName,
  type ProviderAnswer,
  type RateLimit,
} from '@app/bus'
import { RetryLaterError } from '@app/runtime'
import type { JobRow } from '../claim.ts'
import { LimitReachedError } from './limit-reached.ts'
import type { OrElse } from './without-redis.ts'

const GRANTED: Answer = { granted: true, waitMs: 0, place: '', called: [] }

/** What a run may ask of limits while it is at work. */
export interface RunLimits {
  /**
   * Takes all of these or none. Throws an error that puts the job off until its turn comes, at no cost: let it pass.
   * Slots are held until the run ends; tokens are used. FatalError: `limit-invalid`.
   */
  take(...limits: readonly Limit[]): Promise<void>
  /**
   * Tells the limit what the provider answered, good or bad. Throws where that was a refusal (429, or an error with
   * Retry-After): the job is put off until the provider takes it and its turn has come, and stays first in the line.
   */
  learn(limit: RateLimit, answer: ProviderAnswer): Promise<void>
  /** At the run's end: slots are freed, whatever became of it. Waits for nothing. */
  release(): void
}

/** A slot that a run holds. */
export interface HeldSlot {
  key: string
  jobId: string
  fence: number
}

interface RunLimitsOptions {
  bus: Bus
  row: JobRow
  hold: (slot: HeldSlot) => Promise<void>
  free: (slot: HeldSlot) => void
  call: (key: string, jobIds: readonly string[]) => void
  orElse: OrElse
}

export function limitsOfRun({ bus, row, hold, free, call, orElse }: RunLimitsOptions): RunLimits {
  const { id: jobId, fence } = row
  const asker: Asker = { jobId, fence, flow: `${row.lane}:${row.owner_id}`, weight: LANE_WEIGHTS[row.lane] }
  const slots = new Map<string, HeldSlot>()
  const places = new Map<string, string>()

  return {
    async take(...limits) {
      for (const limit of limits) checkLimit(limit)
      const taken: Limit[] = []
      for (const limit of inOrder(limits)) {
        if (limit.kind === 'concurrency' && slots.has(limit.key)) continue
        const answer = await orElse(bus.limits.take(limit, asker), GRANTED)
        call(limit.key, answer.called)
        if (answer.granted) {
          await keep(limit, answer)
          taken.push(limit)
        } else {
          for (const other of taken) await giveBack(other, answer.waitMs)
          throw new LimitReachedError(limitName(limit), answer.waitMs)
        }
      }
    },

    async learn(limit, answer) {
      checkLimit(limit)
      const { refused, ...lesson } = lessonOf(answer)
      await orElse(bus.limits.learn(limit, lesson), undefined)
      if (!refused) return
      const rejoining = { place: places.get(limit.key) ?? '', returned: false, leastMs: 0 }
      const retryAfterMs = await orElse(bus.limits.rejoin(limit, jobId, rejoining), lesson.emptyForMs ?? 0)
      const message = `${limit.key} refused with ${answer.status ?? 'an error'}`
      throw new RetryLaterError('rate-limited', message, { retryAfterMs })
    },

    release() {
      for (const slot of slots.values()) free(slot)
      slots.clear()
    },
  }

  async function keep(limit: Limit, { place }: Answer): Promise<void> {
    if (limit.kind === 'rate') {
      places.set(limit.key, place)
      return
    }
    const slot = { key: limit.key, jobId, fence }
    slots.set(limit.key, slot)
    await hold(slot)
  }

  /** All or none: the slot goes to whoever is next, the token waits for us until the other limit's time. */
  async function giveBack(limit: Limit, waitMs: number): Promise<void> {
    if (limit.kind === 'rate') {
      const place = places.get(limit.key) ?? ''
      await orElse(bus.limits.rejoin(limit, jobId, { place, returned: true, leastMs: waitMs }), 0)
      return
    }
    const slot = slots.get(limit.key)
    slots.delete(limit.key)
    if (slot) free(slot)
  }
}

/** Slots first, so that no token is drawn for a job that can not run; each kind by key, the same way everywhere. */
const inOrder = (limits: readonly Limit[]): Limit[] =>
  limits.toSorted((a, b) =>
    a.kind === b.kind ? (a.key < b.key ? -1 : 1) : a.kind === 'concurrency' ? -1 : 1,
  )
