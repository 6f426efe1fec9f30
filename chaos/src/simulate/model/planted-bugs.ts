/** Mistakes that the simulator must find, each of them made by somebody before. */
export const PLANTED_BUGS = [
  'no-fence',
  'consumer-deleted-after-stale-read',
  'self-reclaim',
  'ack-by-non-owner',
  'siblings-see-each-other-unfinished',
  'dispatched-at-not-cleared',
] as const
export type PlantedBug = (typeof PLANTED_BUGS)[number]
export type Bugs = ReadonlySet<PlantedBug>
