import { Refusal } from '../http/refusal.ts'

/** Asked of Postgres at least this often: hints are lost while Redis is away. */
const POLL_MS = 3_000
/** And no more often than this, however many hints there are. */
const LEAST_PAUSE_MS = 250
/** Tokens expire, so streams do too; clients come back with what they had last. */
const LONGEST_MS = 60 * 60_000
const MOST_STREAMS = 1_000
const MOST_STREAMS_OF_ONE = 50

export interface StreamPlace {
  /** Resolves at a hint about the thing, or after a while; rejects once the stream is to end. */
  wait: () => Promise<void>
  /** May be called twice. */
  leave: () => void
}

export interface EventHub {
  /** Takes a place for one stream; refuses when there are too many. */
  enter(userId: string, subjectId: string): StreamPlace
  /** Something about this book or clip may have changed. */
  hint(subjectId: string): void
  /** Ends all streams now, and at once every one that comes later. */
  close(): void
}

interface Place extends StreamPlace {
  userId: string
  subjectId: string
  wake: () => void
}

/** Wakes the streams of a thing when a hint about it comes, and keeps count of them. */
export function createEventHub(pollMs = POLL_MS): EventHub {
  const places = new Set<Place>()
  let isClosed = false
  return {
    hint(subjectId) {
      for (const place of places) if (place.subjectId === subjectId) place.wake()
    },
    close() {
      isClosed = true
      for (const place of places) place.leave()
    },
    enter(userId, subjectId) {
      const own = [...places].filter((place) => place.userId === userId).length
      if (places.size >= MOST_STREAMS || own >= MOST_STREAMS_OF_ONE) {
        throw new Refusal('too-many-streams', 'too many event streams are open; close one and try again')
      }
      const bell = createBell(pollMs)
      const expiry = setTimeout(() => place.leave(), LONGEST_MS)
      const place: Place = {
        userId,
        subjectId,
        wait: bell.wait,
        wake: bell.ring,
        leave() {
          clearTimeout(expiry)
          places.delete(place)
          bell.end()
        },
      }
      places.add(place)
      if (isClosed) place.leave()
      return place
    },
  }
}

/** A hint that comes while nobody waits is kept for the next wait. */
function createBell(pollMs: number) {
  let isRung = false
  let isEnded = false
  let isDozing = false
  let wakeUp = () => {}

  const sleep = async (ms: number): Promise<void> => {
    if (!isEnded) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wakeUp = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    if (isEnded) throw new Error('the stream ends')
  }

  return {
    async wait(): Promise<void> {
      await sleep(LEAST_PAUSE_MS)
      isDozing = true
      if (!isRung) await sleep(Math.max(pollMs - LEAST_PAUSE_MS, 0))
      isDozing = false
      isRung = false
    },
    ring(): void {
      isRung = true
      if (isDozing) wakeUp()
    },
    end(): void {
      isEnded = true
      wakeUp()
    },
  }
}
