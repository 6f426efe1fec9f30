import type { JobDefinition } from '@app/contracts'

/** How a type and its version are named in `workers.job_types` and in hold reasons: `transcribe@2`. */
export const knownAs = ({ name, version }: { name: string; version: number }): string => `${name}@${version}`

/** What a worker that reads tickets of this version says of itself. */
export const ticketsKnownAs = (version: number): string => `ticket@${version}`

/** Why a job is parked, as its row says it: what is unknown, and what whoever can run it knows. */
export type HoldReason = `unknown-${'type' | 'version' | 'ticket'}:${string}`

/** The other way round; undefined where something else holds the row. */
export const neededBy = (holdReason: string | null): string | undefined =>
  /^unknown-(?:type|version|ticket):(.+)$/.exec(holdReason ?? '')?.[1]

/** Why a worker of this type can't run the job; undefined where it can. */
export function unknownTo(
  definition: Pick<JobDefinition, 'name' | 'version'>,
  { type, version }: { type: string; version: number },
): HoldReason | undefined {
  if (type !== definition.name) return `unknown-type:${knownAs({ name: type, version })}`
  if (version !== definition.version) return `unknown-version:${knownAs({ name: type, version })}`
  return undefined
}
