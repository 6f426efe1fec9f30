import type { JobType, Lane } from '@app/contracts'

/**
 * A job that is still a value. `key` is unique within its graph; `dependsOn` names keys of the same graph.
 * Tests and experiments plan types of their own: `PlannedJob<string>`.
 */
export interface PlannedJob<Type extends string = JobType> {
  key: string
  type: Type
  lane: Lane
  subjectKind: string
  subjectId: string
  ownerId: string
  chapterId?: string
  input: Record<string, unknown>
  dependsOn: readonly string[]
}
