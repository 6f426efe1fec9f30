import {
  type Bind,
  bindMessage,
  closeStatement,
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
  /** Said to the client before PGlite's answer, for what PGlite is not asked. */
  prefix?: Uint8Array
  /** Told the type of the first message of the answer. */
  onAnswer: (firstType: string) => void
}

interface Options {
  most?: number
  goodFor?: number
}

/**
 * Has PGlite parse and plan a statement once, whoever sends it and however often: there is only one session, so what
 * one client had prepared serves them all. Drivers send most statements unnamed, to be parsed each time, which was two
 * fifths of what PGlite computed at rest. Named statements, simple queries and whatever else pass as they are.
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
      if (!request || isSchemaChanging) return { bytes, onAnswer: () => {} }
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

  function asKnown({ bind, rest }: UnnamedStatement, { name }: Statement): Rewritten {
    return {
      bytes: Buffer.concat([bindMessage(name, bind), ...rest]),
      prefix: PARSE_COMPLETE,
      onAnswer: () => {},
    }
  }

  function asNew({ key, parse, bind, rest }: UnnamedStatement): Rewritten {
    lastName += 1
    const [name, plannedFor] = [`shared_${lastName}`, requests]
    return {
      bytes: Buffer.concat([parseMessage(name, parse), bindMessage(name, bind), ...rest]),
      onAnswer(firstType) {
        // The answer to Parse comes first. Anything else: it was refused, or there was something else to say.
        if (firstType === '1') remember(key, { name, plannedFor })
        else gone.push(name)
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
  bind: Bind
  rest: Buffer[]
}

/** Undefined where the request is anything but one unnamed statement, parsed, bound, described and executed. */
function unnamedStatement(messages: readonly Message[]): UnnamedStatement | undefined {
  if (messages.map(({ type }) => type).join('') !== 'PBDES') return undefined
  const [first, second, ...others] = messages as [Message, Message, ...Message[]]
  const [parse, bind] = [readParse(first.bytes), readBind(second.bytes)]
  if (parse.name !== '' || bind.statement !== '' || bind.portal !== '') return undefined
  return {
    key: parse.rest.toString('latin1'),
    parse: parse.rest,
    bind,
    rest: others.map(({ bytes }) => bytes),
  }
}

/** Rather once too often: a statement that only mentions such a word is parsed each time. */
function changesSchema({ type, bytes }: Message): boolean {
  return (
    (type === 'P' || type === 'Q') &&
    /\b(create|alter|drop|discard|deallocate)\b/i.test(bytes.toString('latin1'))
  )
}
