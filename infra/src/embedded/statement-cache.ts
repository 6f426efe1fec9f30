import {
  type Bind,
  bindMessage,
  closeStatement,
  describePortal,
  executePortal,
  type Message,
  messagesOf,
  PARSE_COMPLETE,
  parseMessage,
  readBind,
  readParse,
  sync,
} from './wire.ts'

/** A plan of a statement that is asked often takes some 50 KB. */
const MOST = 200
/**
 * Requests, whoever's, after which a statement is planned anew: tables grow by what is asked, PGlite has no autovacuum
 * that would tell plans so, and one that was made while a table was small may read all of it.
 */
const GOOD_FOR = 5_000

interface Statement {
  name: string
  /** The number of the request that it was planned for. */
  plannedFor: number
}

/** A request as PGlite is to see it. */
export interface Rewritten {
  bytes: Uint8Array
  /** Takes how PGlite's answer begins; returns how the client's is to begin. */
  onAnswer: (beginning: Uint8Array) => Uint8Array
}

interface Options {
  most?: number
  goodFor?: number
}

/**
 * Has PGlite parse and plan a statement once, whoever sends it and however often: there is only one session, so what
 * one client had prepared serves them all. Drivers send most statements unnamed, to be parsed each time, which was two
 * fifths of what PGlite computed at rest. Named statements and whatever else pass as they are.
 */
export function createStatementCache({ most = MOST, goodFor = GOOD_FOR }: Options = {}) {
  /** In the order of their last use. */
  const known = new Map<string, Statement>()
  let gone: string[] = []
  let lastName = 0
  let requests = 0
  let isSchemaChanging = false

  return {
    rewrite(bytes: Uint8Array): Rewritten {
      requests += 1
      const messages = messagesOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      const request = unnamedStatement(messages)
      if (!known.has(request?.key ?? '') && messages.some(changesSchema)) isSchemaChanging = true
      if (!request || isSchemaChanging) return { bytes, onAnswer: (beginning) => beginning }
      const statement = fresh(request.key)
      return statement ? asKnown(request, statement) : asNew(request)
    },

    /**
     * After each request. Answers what is to be sent to forget statements for which there is no more use; after a
     * change of tables that is all of them, for their results may have other columns now.
     */
    tidy(isInTransaction: boolean): Uint8Array | undefined {
      if (isSchemaChanging) for (const key of [...known.keys()]) forget(key)
      // What a transaction has changed may be undone at its end.
      if (!isInTransaction) isSchemaChanging = false
      if (gone.length === 0) return undefined
      const closing = Buffer.concat([...gone.map(closeStatement), sync()])
      gone = []
      return closing
    },
  }

  function fresh(key: string): Statement | undefined {
    const statement = known.get(key)
    if (!statement) return undefined
    if (requests - statement.plannedFor >= goodFor) return forget(key)
    known.delete(key)
    known.set(key, statement)
    return statement
  }

  function asKnown({ bind, rest, isSimple }: UnnamedStatement, { name }: Statement): Rewritten {
    return {
      bytes: Buffer.concat([bindMessage(name, bind), ...rest]),
      onAnswer: (beginning) =>
        isSimple ? withoutSteps(beginning) : Buffer.concat([PARSE_COMPLETE, beginning]),
    }
  }

  function asNew({ key, parse, bind, rest, isSimple }: UnnamedStatement): Rewritten {
    lastName += 1
    const [name, plannedFor] = [`shared_${lastName}`, requests]
    return {
      bytes: Buffer.concat([parseMessage(name, parse), bindMessage(name, bind), ...rest]),
      onAnswer(beginning) {
        // The answer to Parse comes first. Anything else: it was refused, or there was something else to say.
        if (String.fromCharCode(beginning[0] ?? 0) === '1') remember(key, { name, plannedFor })
        else gone.push(name)
        return isSimple ? withoutSteps(beginning) : beginning
      },
    }
  }

  function remember(key: string, statement: Statement): void {
    known.set(key, statement)
    const [oldest] = known.keys()
    if (known.size > most && oldest !== undefined) forget(oldest)
  }

  function forget(key: string): undefined {
    const statement = known.get(key)
    if (statement) gone.push(statement.name)
    known.delete(key)
  }
}

interface UnnamedStatement {
  /** Text and types of parameters: who sends the same means the same. */
  key: string
  parse: Buffer
  bind: Omit<Bind, 'statement'>
  rest: Buffer[]
  /** Whether it was sent as a simple query, which is not answered in steps. */
  isSimple: boolean
}

/** Undefined where the request is anything but one unnamed statement to be parsed, bound, described and executed. */
function unnamedStatement(messages: readonly Message[]): UnnamedStatement | undefined {
  const [first, second, ...others] = messages as [Message, Message, ...Message[]]
  if (messages.length === 1 && first.type === 'Q') return simpleStatement(first.bytes)
  if (messages.map(({ type }) => type).join('') !== 'PBDES') return undefined
  const [parse, bind] = [readParse(first.bytes), readBind(second.bytes)]
  if (parse.name !== '' || bind.statement !== '' || bind.portal !== '') return undefined
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

/** Who sent a simple query is not told that it was parsed and bound, nor that there will be no rows. */
function withoutSteps(beginning: Uint8Array): Uint8Array {
  let at = 0
  while ('12n'.includes(String.fromCharCode(beginning[at] ?? 0))) at += PARSE_COMPLETE.length
  return beginning.subarray(at)
}

/** Rather once too often: a statement that only mentions such a word is parsed each time. */
function changesSchema({ type, bytes }: Message): boolean {
  return (
    (type === 'P' || type === 'Q') &&
    /\b(create|alter|drop|discard|deallocate)\b/i.test(bytes.toString('latin1'))
  )
}
