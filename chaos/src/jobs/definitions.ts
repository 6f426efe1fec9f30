import { defineJob, type JobDefinition } from '@app/contracts'
import { z } from 'zod'

/** What a job of the campaign does besides taking its time. */
export const BEHAVIOURS = [
  'plain',
  'fail-twice',
  'steps',
  'always-fail',
  'block-event-loop',
  'exit-process',
] as const
export type Behaviour = (typeof BEHAVIOURS)[number]

const input = z.object({ behaviour: z.enum(BEHAVIOURS), lastsMs: z.int().nonnegative() })
const nothing = z.object({})

/** Most of the campaign's jobs: neighbours in one queue, so that what one does to its process the others feel. */
export const WorkJob = defineJob('chaos-work', {
  queue: 'chaos-work',
  input,
  result: nothing,
  output: nothing,
})

/** The same name and queue in two versions: a worker knows one of them. */
export const UpgradedJobV1 = defineJob('chaos-upgraded', {
  queue: 'chaos-upgraded',
  input,
  result: nothing,
  output: nothing,
})
export const UpgradedJob = { ...UpgradedJobV1, version: 2 }

const DEFINITIONS: readonly JobDefinition[] = [WorkJob, UpgradedJob]

/** Of the newest version of each type: what the driver inserts. */
export const definitionOf = (type: string): JobDefinition | undefined =>
  DEFINITIONS.find(({ name }) => name === type)

export type ChaosJobInput = z.infer<typeof input>
