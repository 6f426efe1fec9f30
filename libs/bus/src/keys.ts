import type { Lane } from '@app/contracts'

/** The one consumer group of every work stream. */
export const GROUP = 'workers'

/** The queue's name is the cluster hash tag, so that its lanes lie in one slot and can be read in one command. */
export const streamKey = (prefix: string, queue: string, lane: Lane): string =>
  `${prefix}:queue:{${queue}}${lane === 'normal' ? '' : `:${lane}`}`

export const failedKey = (prefix: string, queue: string): string => `${prefix}:failed:{${queue}}`

export const eventsKey = (prefix: string): string => `${prefix}:events`

/** Pub/sub: ids of cancelled jobs, and "jobs are due" hints. Both only speed up what Postgres tells anyway. */
export const cancelChannel = (prefix: string): string => `${prefix}:cancel`
export const wakeChannel = (prefix: string): string => `${prefix}:wake`
