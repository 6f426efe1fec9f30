import { parseArgs } from 'node:util'

/** What the operator asked for. */
/** What is asked of the running servers. */
export type QueueCommand =
  | { kind: 'list'; queue: string | undefined; asJson: boolean }
  | { kind: 'redrive'; target: RedriveTarget }
  | { kind: 'discard'; deadLetterId: string; reason: string }
  | { kind: 'depth'; asJson: boolean }

export type Command = { kind: 'help' } | QueueCommand

/** One job, named by its own id or its dead letter's; or every open dead letter, of one queue or of all. */
export type RedriveTarget = { id: string } | { queue: string | undefined }

/** A command line that means nothing, with a sentence that says what it lacks. */
export class UsageError extends Error {}

export const USAGE = `npm run queue -- <command> [options]

  list [--queue Q] [--json]           the open dead letters, oldest first
  redrive <job or dead letter id>     gives a failed or cancelled job a new life, with all its attempts
  redrive --queue Q | --all           the same for every open dead letter
  discard <dead letter id> --reason R says that it will not be run again, and why; the job stays failed
  depth [--json]                      jobs of each queue by state, and their entries in Redis
  help                                this page

  --data-dir DIR                      the stack that \`npm start\` keeps there (default .data)

DATABASE_URL and REDIS_URL win over the running stack; QUEUE_PREFIX is the prefix of its Redis keys.
Exit status: 0 done, 1 refused (an unknown id, a job in the wrong state), 2 not understood, 3 no database.`

const OPTIONS = {
  queue: { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  reason: { type: 'string' },
  'data-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const ALLOWED: Record<string, readonly string[]> = {
  list: ['queue', 'json'],
  redrive: ['queue', 'all'],
  discard: ['reason'],
  depth: ['json'],
}

/** Reads a command line; throws a UsageError for one that it can't read. */
export function parseCommand(args: readonly string[]): { command: Command; dataDir: string | undefined } {
  const { values, positionals, given } = parse(args)
  const dataDir = values['data-dir']
  const [name = 'help', ...operands] = positionals
  if (values.help || name === 'help') return { command: { kind: 'help' }, dataDir }
  const allowed = ALLOWED[name]
  if (!allowed) throw new UsageError(`there is no command "${name}"`)
  const stray = given.find((option) => option !== 'data-dir' && !allowed.includes(option))
  if (stray) throw new UsageError(`${name} knows no --${stray}`)
  return { command: commandOf(name, operands, values), dataDir }
}

function commandOf(name: string, operands: string[], values: ReturnType<typeof parse>['values']): Command {
  const most = name === 'redrive' || name === 'discard' ? 1 : 0
  const tooMany = operands[most]
  if (tooMany !== undefined) throw new UsageError(`${name} does not know what to do with "${tooMany}"`)
  const [id] = operands
  switch (name) {
    case 'list':
      return { kind: 'list', queue: values.queue, asJson: values.json }
    case 'depth':
      return { kind: 'depth', asJson: values.json }
    case 'discard':
      if (!id) throw new UsageError('discard needs the id of a dead letter')
      if (!values.reason?.trim()) throw new UsageError('discard needs --reason "…": whoever looks later asks')
      return { kind: 'discard', deadLetterId: uuid(id), reason: values.reason.trim() }
    default:
      return { kind: 'redrive', target: targetOf(id, values.queue, values.all) }
  }
}

function targetOf(id: string | undefined, queue: string | undefined, all: boolean): RedriveTarget {
  const ways = [id !== undefined, queue !== undefined, all].filter(Boolean).length
  if (ways !== 1) throw new UsageError('redrive needs an id, or --queue Q, or --all: one of them')
  return id === undefined ? { queue } : { id: uuid(id) }
}

function uuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase()
  throw new UsageError(`"${text}" is not an id: \`npm run queue -- list\` shows them`)
}

function parse(args: readonly string[]) {
  try {
    const parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, tokens: true })
    const given = parsed.tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
    return { ...parsed, given }
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}
