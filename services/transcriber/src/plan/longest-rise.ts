/** Indices of the longest subsequence that never falls, by patience sorting. */
export function longestRise(values: readonly (number | undefined)[]): Set<number> {
  const piles: number[] = []
  const before = new Map<number, number>()
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue
    let [pile, above] = [0, piles.length]
    while (pile < above) {
      const middle = (pile + above) >> 1
      if ((values[piles[middle] as number] as number) > value) above = middle
      else pile = middle + 1
    }
    if (pile > 0) before.set(index, piles[pile - 1] as number)
    piles[pile] = index
  }
  const rise = new Set<number>()
  for (let index = piles.at(-1); index !== undefined; index = before.get(index)) rise.add(index)
  return rise
}
