import type { ProgramName } from './contestant.ts'
import type { Sample, Servers, TaskOptions } from './task.ts'

/** From us to a contestant's process. */
export interface Order {
  program: ProgramName
  task: string
  servers: Servers
  options: TaskOptions
}

/** And back. */
export type Report = { sample: Sample } | { failed: string }
