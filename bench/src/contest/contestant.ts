import type { Task, TaskOptions } from './task.ts'

/** A program that takes part, in a process of its own. */
export interface Entry {
  program: ProgramName
  task: string
  options: TaskOptions
}

export type ProgramName = keyof typeof PROGRAMS

type Program = () => Promise<{ tasks: Record<string, Task> }>

/** Loaded by their own processes only: none pays for another's code. */
export const PROGRAMS = {
  'ours on the bus': () => import('../sides/ours-bus.ts'),
  'ours in Postgres': () => import('../sides/ours-jobs.ts'),
  'raw Redis': () => import('../sides/raw-redis.ts'),
  'BullMQ on Redis': () => import('../sides/bullmq-redis.ts'),
  'BullMQ on Postgres': () => import('../sides/bullmq-postgres.ts'),
  'graphile-worker': () => import('../sides/graphile.ts'),
  'pg-boss': () => import('../sides/pg-boss.ts'),
} satisfies Record<string, Program>
