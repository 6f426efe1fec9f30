import type { DeadLetterFilter } from '@app/jobs'
import { parseCount, parseDuration, parseShare, parseUuid, UsageError } from './values.ts'

/** What is asked of the running servers. */
export type QueueCommand =
  | { kind: 'list'; filter: DeadLetterFilter; limit: number }
  | { kind: 'groups'; filter: DeadLetterFilter }
  | { kind: 'show'; id: string }
  | { kind: 'redrive'; id: string }
  | {
      kind: 'redrive-many'
      filter: DeadLetterFilter
      perSecond: number
      mostFailures: number
      waits: boolean
    }
  | { kind: 'redrives'; id: string | undefined }
  | { kind: 'stop'; id: string }
  | { kind: 'discard'; id: string; reason: string }
  | { kind: 'discard-many'; filter: DeadLetterFilter; reason: string }
  | { kind: 'queues' }
  | { kind: 'pause'; queue: string; reason: string | undefined }
  | { kind: 'drain'; queue: string; reason: string | undefined; timeoutMs: number }
  | { kind: 'resume'; queue: string }
  | { kind: 'providers' }
  | { kind: 'spend'; days: number }
  | { kind: 'why'; jobId: string }
  | { kind: 'cancel'; jobId: string }
  | { kind: 'cancel-book'; audiobookId: string }

export const OPTIONS = {
  queue: { type: 'string' },
  group: { type: 'string' },
  code: { type: 'string' },
  limit: { type: 'string' },
  all: { type: 'boolean', default: false },
  'per-second': { type: 'string' },
  'stop-at': { type: 'string' },
  'no-wait': { type: 'boolean', default: false },
  reason: { type: 'string' },
  timeout: { type: 'string' },
  days: { type: 'string' },
  book: { type: 'string' },
  json: { type: 'boolean', default: false },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

export interface Values {
  queue?: string
  group?: string
  code?: string
  limit?: string
  all: boolean
  'per-second'?: string
  'stop-at'?: string
  'no-wait': boolean
  reason?: string
  timeout?: string
  days?: string
  book?: string
}

interface CommandShape {
  options: readonly (keyof Values)[]
  /** What stands behind the command's name, at most. */
  operands: number
  read: (operand: string | undefined, values: Values) => QueueCommand
}

const MOST_LISTED = 1_000
const SOME = ['queue', 'group', 'all'] as const

export const COMMANDS: Record<string, CommandShape> = {
  list: {
    options: ['queue', 'group', 'code', 'limit'],
    operands: 0,
    read: (_, values) => ({
      kind: 'list',
      filter: filterOf(values),
      limit: parseCount(values.limit ?? String(MOST_LISTED), '--limit'),
    }),
  },
  groups: {
    options: ['queue', 'code'],
    operands: 0,
    read: (_, values) => ({ kind: 'groups', filter: filterOf(values) }),
  },
  show: { options: [], operands: 1, read: (id) => ({ kind: 'show', id: needed(id, 'show', LETTER_OR_JOB) }) },
  why: {
    options: [],
    operands: 1,
    read: (id) => ({ kind: 'why', jobId: needed(id, 'why', 'the id of a job') }),
  },
  redrives: {
    options: [],
    operands: 1,
    read: (id) => ({ kind: 'redrives', id: id === undefined ? undefined : parseUuid(id) }),
  },
  redrive: { options: [...SOME, 'per-second', 'stop-at', 'no-wait'], operands: 1, read: readRedrive },
  stop: {
    options: [],
    operands: 1,
    read: (id) => ({ kind: 'stop', id: needed(id, 'stop', 'the id of a redrive') }),
  },
  discard: { options: [...SOME, 'reason'], operands: 1, read: readDiscard },
  queues: { options: [], operands: 0, read: () => ({ kind: 'queues' }) },
  // What it was called first.
  depth: { options: [], operands: 0, read: () => ({ kind: 'queues' }) },
  providers: { options: [], operands: 0, read: () => ({ kind: 'providers' }) },
  spend: {
    options: ['days'],
    operands: 0,
    read: (_, { days = '7' }) => ({ kind: 'spend', days: parseCount(days, '--days', { most: 366 }) }),
  },
  pause: {
    options: ['reason'],
    operands: 1,
    read: (queue, { reason }) => ({
      kind: 'pause',
      queue: queueOf(queue, 'pause'),
      reason: reason?.trim() || undefined,
    }),
  },
  drain: {
    options: ['reason', 'timeout'],
    operands: 1,
    read: (queue, { reason, timeout = '1h' }) => ({
      kind: 'drain',
      queue: queueOf(queue, 'drain'),
      reason: reason?.trim() || undefined,
      timeoutMs: parseDuration(timeout, '--timeout'),
    }),
  },
  resume: {
    options: [],
    operands: 1,
    read: (queue) => ({ kind: 'resume', queue: queueOf(queue, 'resume') }),
  },
  cancel: { options: ['book'], operands: 1, read: readCancel },
}

const LETTER_OR_JOB = 'the id of a dead letter or of a job'

function readRedrive(id: string | undefined, values: Values): QueueCommand {
  oneWay('redrive', id, values)
  if (id !== undefined) {
    const stray = (['per-second', 'stop-at', 'no-wait'] as const).find((option) => values[option])
    if (stray) throw new UsageError(`--${stray} is for many: one job is redriven at once`)
    return { kind: 'redrive', id: parseUuid(id) }
  }
  return {
    kind: 'redrive-many',
    filter: filterOf(values),
    perSecond: parseCount(values['per-second'] ?? '10', '--per-second', { least: 0.001, most: 1_000 }),
    mostFailures: parseShare(values['stop-at'] ?? '20%', '--stop-at'),
    waits: !values['no-wait'],
  }
}

function readDiscard(id: string | undefined, values: Values): QueueCommand {
  oneWay('discard', id, values)
  const reason = values.reason?.trim()
  if (!reason) throw new UsageError('discard needs --reason "…": whoever looks later asks')
  if (id !== undefined) return { kind: 'discard', id: parseUuid(id), reason }
  return { kind: 'discard-many', filter: filterOf(values), reason }
}

function readCancel(id: string | undefined, { book }: Values): QueueCommand {
  if ((id === undefined) === (book === undefined)) {
    throw new UsageError('cancel needs the id of a job, or --book and that of an audiobook: one of them')
  }
  if (book !== undefined) return { kind: 'cancel-book', audiobookId: parseUuid(book) }
  return { kind: 'cancel', jobId: parseUuid(id ?? '') }
}

/** An id means one; a queue and a group may be named together; everything has to be said. */
function oneWay(name: string, id: string | undefined, { queue, group, all }: Values): void {
  const ways = [id !== undefined, queue !== undefined || group !== undefined, all].filter(Boolean).length
  if (ways !== 1)
    throw new UsageError(`${name} needs an id, or --group F, or --queue Q, or --all: one of them`)
}

const filterOf = ({ queue, group, code }: Values): DeadLetterFilter => ({ queue, fingerprint: group, code })

function needed(id: string | undefined, name: string, what: string): string {
  if (id === undefined) throw new UsageError(`${name} needs ${what}`)
  return parseUuid(id)
}

function queueOf(queue: string | undefined, name: string): string {
  if (queue === undefined)
    throw new UsageError(`${name} needs the name of a queue: \`npm run queue -- queues\` has them`)
  return queue
}
