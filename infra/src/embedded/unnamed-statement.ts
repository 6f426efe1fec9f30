import { namesCopy } from './copy-in.ts'
import { type Bind, describePortal, executePortal, type Message, readBind, readParse, sync } from './wire.ts'

/** One statement to be parsed, bound, described and executed, whose name nobody has chosen. */
export interface UnnamedStatement {
  /** Text and types of parameters: who sends the same means the same. */
  key: string
  parse: Buffer
  bind: Omit<Bind, 'statement'>
  /** The messages behind those two. */
  rest: Buffer[]
  /** Whether it was sent as a simple query, which is not answered in steps. */
  isSimple: boolean
}

/** PGlite takes twenty times as much to keep one. What is longer inserts many rows, hardly ever as many as before. */
const LONGEST_BYTES = 8 * 1024

/** Undefined where the request is anything else, or not fit to be kept. */
export function unnamedStatement(messages: readonly Message[]): UnnamedStatement | undefined {
  const statement = readRequest(messages)
  if (!statement || statement.parse.length > LONGEST_BYTES) return undefined
  return isOfItsMoment(statement.key) || namesCopy(statement.key) ? undefined : statement
}

function readRequest(messages: readonly Message[]): UnnamedStatement | undefined {
  const [first, second, ...others] = messages as [Message, Message, ...Message[]]
  if (messages.length === 1 && first.type === 'Q') return simpleStatement(first.bytes)
  if (messages.map(({ type }) => type).join('') !== 'PBDES') return undefined
  const [parse, bind] = [readParse(first.bytes), readBind(second.bytes)]
  if (parse.name !== '' || bind.statement !== '' || bind.portal !== '') return undefined
  // Some ask for what the statement gives, by its name, instead of what the portal does.
  if (!others[0]?.bytes.equals(describePortal(''))) return undefined
  return {
    key: parse.rest.toString('latin1'),
    parse: parse.rest,
    bind,
    rest: others.map(({ bytes }) => bytes),
    isSimple: false,
  }
}

/** Neither parameters nor formats: all text. */
const NO_PARAMETERS = Buffer.alloc(6)

/** The same as one that is parsed: what reads or writes rows, and is certainly not several statements. */
function simpleStatement(query: Buffer): UnnamedStatement | undefined {
  const text = query.subarray(5)
  const written = text.toString('latin1')
  if (!/^\s*(select|with|insert|update|delete)\b/i.test(written) || written.includes(';')) return undefined
  const parse = Buffer.concat([text, Buffer.alloc(2)])
  return {
    key: parse.toString('latin1'),
    parse,
    bind: { portal: '', rest: NO_PARAMETERS },
    rest: [describePortal(''), executePortal(''), sync()],
    isSimple: true,
  }
}

/** `'today'` becomes a day when it is parsed, and would stay that day. */
function isOfItsMoment(text: string): boolean {
  const literals = text.match(/'[^']*'/g) ?? []
  return literals.some((literal) => /\b(now|today|tomorrow|yesterday)\b/i.test(literal))
}

const CHANGES_TABLES = /\b(create|alter|drop|discard|deallocate)\b/i
/** Settings by which names are found and literals read. */
const CHANGES_READING =
  /\b(search_path|timezone|datestyle|intervalstyle|reset)\b|\bset\s+(\w+\s+)?time\s+zone\b/i

/**
 * Whether the same text may mean something else afterwards, or give other columns. Rather once too often: a statement
 * that only mentions such a word is parsed each time.
 */
export function changesMeaning({ type, bytes }: Message): boolean {
  if (type !== 'P' && type !== 'Q') return false
  const text = bytes.toString('latin1')
  return CHANGES_TABLES.test(text) || CHANGES_READING.test(text)
}
