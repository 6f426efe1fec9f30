import type { Lane } from '@app/contracts'

/** Somebody's jobs in one lane of one queue. */
export interface Share {
  queue: string
  lane: Lane
  ownerId: string
}

/** What of a share stands on the stream or runs. */
export interface Standing extends Share {
  tickets: number
  running: number
}

/** How many tickets of a lane may stand unstarted on its stream, by queue, and of queues that are not named. */
export interface Windows {
  byQueue: ReadonlyMap<string, number>
  others: number
}

/** `take` more of this share may go to the stream; `held` stand or run already. */
export interface Admission extends Share {
  take: number
  held: number
}

export interface AdmissionBounds {
  windows: Windows
  /** Tickets in all. */
  most: number
  /**
   * From 0 to 1, drawn anew each time: where among those who hold equally little the turn begins. Where it always began
   * with the same, those would get every place as soon as more owners wait than there are places.
   */
  tieBreak: number
}

/**
 * Who may send how many tickets: each lane up to its window, always the next to whoever has least there or running. So
 * an owner with ten jobs waits for no owner with a hundred thousand, and owners that wait alike take turns.
 */
export function planAdmission(
  waiting: readonly Share[],
  standing: readonly Standing[],
  { windows, most, tieBreak }: AdmissionBounds,
): Admission[] {
  const lanes = Map.groupBy(waiting, laneOf)
  const held = Map.groupBy(standing, laneOf)
  let left = most
  return [...lanes].flatMap(([lane, shares]) => {
    const here = held.get(lane) ?? []
    const tickets = here.reduce((sum, share) => sum + share.tickets, 0)
    const window = windows.byQueue.get(shares[0]?.queue ?? '') ?? windows.others
    const first = Math.floor(tieBreak * shares.length)
    const inTurn = [...shares.slice(first), ...shares.slice(0, first)]
    const admissions = divide(inTurn, here, Math.min(window - tickets, left))
    left -= admissions.reduce((sum, { take }) => sum + take, 0)
    return admissions
  })
}

/** Raises whoever is lowest, step by step, until the places are gone. */
function divide(shares: readonly Share[], here: readonly Standing[], places: number): Admission[] {
  const heldBy = new Map(here.map((share) => [share.ownerId, share.tickets + share.running]))
  const admissions = shares
    .map((share) => ({ ...share, take: 0, held: heldBy.get(share.ownerId) ?? 0 }))
    .sort((a, b) => a.held - b.held)
  // Those before `level` are level; each round raises them all by one, and whoever is then as low joins them.
  let level = 0
  let height = admissions[0]?.held ?? 0
  for (let left = places; left > 0 && admissions.length > 0; height += 1) {
    while (level < admissions.length && (admissions[level]?.held ?? 0) <= height) level += 1
    for (const admission of admissions.slice(0, Math.min(level, left))) admission.take += 1
    left -= level
  }
  return admissions.filter(({ take }) => take > 0)
}

const laneOf = ({ queue, lane }: Share): string => `${lane} ${queue}`
