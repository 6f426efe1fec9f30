import { parseArgs } from 'node:util'
import { COMMANDS, OPTIONS, type QueueCommand } from './commands.ts'
import { UsageError } from './values.ts'

/** What the operator asked for. */
export interface CommandLine {
  command: { kind: 'help' } | QueueCommand
  asJson: boolean
  dataDir: string | undefined
}

const WITH_ANY = ['json', 'data-dir', 'help']

/** Reads a command line; throws a UsageError for one that it can't read. */
export function parseCommand(args: readonly string[]): CommandLine {
  const { values, positionals, given } = parse(args)
  const { json: asJson, 'data-dir': dataDir } = values
  const [name = 'help', ...operands] = positionals
  if (values.help || name === 'help') return { command: { kind: 'help' }, asJson, dataDir }
  const shape = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!shape) throw new UsageError(`there is no command "${name}"`)
  const allowed: readonly string[] = [...shape.options, ...WITH_ANY]
  const stray = given.find((option) => !allowed.includes(option))
  if (stray) throw new UsageError(`${name} knows no --${stray}`)
  const tooMany = operands[shape.operands]
  if (tooMany !== undefined) throw new UsageError(`${name} does not know what to do with "${tooMany}"`)
  return { command: shape.read(operands[0], values), asJson, dataDir }
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
