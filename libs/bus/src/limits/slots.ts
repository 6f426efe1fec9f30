import type { Answer, Asker, RunOfJob } from './asker.ts'
import { holdersKey, limitKeys } from './keys.ts'
import type { ConcurrencyLimit } from './limit.ts'
import { pairs, toMs, toUs } from './replies.ts'
import type { RunScript } from './scripts.ts'

/** Several beats: a slot whose holder says nothing for this long is free again. */
const LEASE_MS = 30_000
/** The first in a line looks by itself after this long, should the call be lost; who stands further back, later. */
const LOOK_AGAIN_MS = 15_000

/** A run's slot: a member of the sorted set of those who hold one. */
export interface LeasedSlot {
  readonly holders: string
  readonly member: string
}

/**
 * Renews slots that are held still, and none that was released meanwhile: for a thread that can't know. Where Redis was
 * emptied it gives nobody a slot back; `renewSlots` does.
 */
export async function keepSlots(run: RunScript, holders: string, members: readonly string[]): Promise<void> {
  await run('keepSlots', [holders], toUs(LEASE_MS), ...members)
}

/** Concurrency limits: slots that runs hold, and the line of jobs that wait for one. */
export function slotsOf(run: RunScript, prefix: string) {
  const keysOf = (key: string) => limitKeys(prefix, { kind: 'concurrency', key })

  return {
    /** A slot, or a place in the line. */
    async takeSlot(limit: ConcurrencyLimit, asker: Asker): Promise<Answer> {
      const { jobId, fence, flow, weight } = asker
      const args = [jobId, fence, flow, weight, limit.most, toUs(LEASE_MS), toUs(LOOK_AGAIN_MS)]
      const answer = await run('takeSlot', keysOf(limit.key), ...args)
      const [granted, waitUs, called] = answer as [number, number, string[]]
      return {
        granted: granted === 1,
        waitMs: toMs(waitUs),
        place: '',
        called: called.filter((id) => id !== jobId),
      }
    },

    /** Frees this run's slot. Returns the jobs that should come now. */
    releaseSlot: (key: string, holder: RunOfJob): Promise<string[]> => callNext(key, memberOf(holder)),

    /** Whom the free slots call, once those are forgotten that were called and are `gone`. */
    callNext: (key: string, gone: readonly string[]): Promise<string[]> => callNext(key, '', gone),

    /** Keeps the slots of runs that go on; where Redis was emptied they have them again. */
    async renewSlots(key: string, holders: readonly RunOfJob[]): Promise<void> {
      if (holders.length === 0) return
      await run('renewSlots', [holdersKey(prefix, key)], toUs(LEASE_MS), ...holders.map(memberOf))
    },

    /** This run's slot as the thread that renews leases is told of it. */
    slotOf: (key: string, holder: RunOfJob): LeasedSlot => ({
      holders: holdersKey(prefix, key),
      member: memberOf(holder),
    }),

    /** Which runs hold a key's slots, how many there are (undefined where nobody asked yet), and how many wait. */
    async holdersOf(key: string) {
      const state = (await run('slotsState', keysOf(key))) as [number, number, ...unknown[]]
      const [most, waiting, ...held] = state
      return {
        most: most < 0 ? undefined : most,
        waiting,
        holders: pairs(held).map(([member, us]) => ({ ...runIn(String(member)), leaseEndsInMs: toMs(us) })),
      }
    },
  }

  async function callNext(key: string, member: string, gone: readonly string[] = []): Promise<string[]> {
    return (await run('releaseSlot', keysOf(key), member, ...gone)) as string[]
  }
}

const memberOf = ({ jobId, fence }: RunOfJob): string => `${jobId}:${fence}`

function runIn(member: string): RunOfJob {
  const colon = member.lastIndexOf(':')
  return { jobId: member.slice(0, colon), fence: Number(member.slice(colon + 1)) }
}
