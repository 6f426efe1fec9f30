import { LANES, type Lane } from '@app/contracts'

/** How often each lane has its turn where all have work: low gets a tenth, so that it is slow but never starves. */
export const LANE_WEIGHTS: Record<Lane, number> = { high: 6, normal: 3, low: 1 }
const TOTAL = LANES.reduce((sum, lane) => sum + LANE_WEIGHTS[lane], 0)

/**
 * Shares out free slots over the lanes by smooth weighted round robin: turns of ten are spread evenly, not in blocks,
 * and one slot at a time comes to the same shares as ten at once.
 */
export function createLaneTurns() {
  const credit: Record<Lane, number> = { high: 0, normal: 0, low: 0 }

  /** How many of `slots` each lane may fill, highest lane first. What a lane has no work for, the others may have. */
  return (slots: number): number[] => {
    const quota: Record<Lane, number> = { high: 0, normal: 0, low: 0 }
    // Whole rounds come to the weights themselves.
    const rounds = Math.floor(slots / TOTAL)
    for (const lane of LANES) quota[lane] = rounds * LANE_WEIGHTS[lane]
    for (let turn = rounds * TOTAL; turn < slots; turn += 1) quota[nextLane(credit)] += 1
    return LANES.map((lane) => quota[lane])
  }
}

function nextLane(credit: Record<Lane, number>): Lane {
  let best: Lane = 'high'
  for (const lane of LANES) {
    credit[lane] += LANE_WEIGHTS[lane]
    if (credit[lane] > credit[best]) best = lane
  }
  credit[best] -= TOTAL
  return best
}
