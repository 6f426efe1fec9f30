import { type KeepOptions, keptStatements, type Statement } from './kept-statements.ts'
import { simpleAnswer } from './simple-answer.ts'
import { changesMeaning, type UnnamedStatement, unnamedStatement } from './unnamed-statement.ts'
import { bindMessage, closeStatement, messagesOf, PARSE_COMPLETE, parseMessage, sync } from './wire.ts'

/** A request as PGlite is to see it. */
export interface Rewritten {
  bytes: Uint8Array
  /** Takes PGlite's answer piece by piece; returns the client's. */
  onAnswer: (piece: Uint8Array) => Uint8Array
}

/** Where a request has left the session: in the middle of it, in a transaction, or free for anybody. */
export type SessionState = 'in request' | 'in transaction' | 'free'

/**
 * Has PGlite parse and plan a statement once, whoever sends it and however often: there is only one session, so what
 * one client had prepared serves them all. Drivers send most statements unnamed, to be parsed each time, which was two
 * fifths of what PGlite computed at rest. Named statements and whatever else pass as they are. Tables that a function
 * changes by itself, so that no text says so, cost each statement that they change one failure.
 */
export function createStatementCache(options?: KeepOptions) {
  const kept = keptStatements(options)
  let state: SessionState = 'free'
  let isMeaningChanging = false

  return {
    /** Undefined for what is to be passed on as it is. */
    rewrite(bytes: Uint8Array): Rewritten | undefined {
      kept.countRequest()
      const messages = messagesOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      const request = unnamedStatement(messages)
      if (!kept.has(request?.key ?? '') && messages.some(changesMeaning)) isMeaningChanging = true
      // The rest of a request may go unanswered: after an error PGlite skips it.
      if (!request || isMeaningChanging || state === 'in request') return undefined
      const statement = kept.find(request.key)
      return statement ? asKnown(request, statement) : asNew(request)
    },

    /**
     * After each request. Answers what is to be sent to forget statements for which there is no more use; after a
     * change of tables that is all of them, for their results may have other columns now.
     */
    tidy(left: SessionState): Uint8Array | undefined {
      state = left
      // Sync would end it, and commit what it has done so far.
      if (state === 'in request') return undefined
      if (isMeaningChanging) kept.forgetAll()
      // What a transaction has changed may be undone at its end.
      if (state === 'free') isMeaningChanging = false
      const gone = kept.takeGone()
      return gone.length === 0 ? undefined : Buffer.concat([...gone.map(closeStatement), sync()])
    },
  }

  function asKnown({ key, bind, rest, isSimple }: UnnamedStatement, { name }: Statement): Rewritten {
    return {
      bytes: Buffer.concat([bindMessage(name, bind), ...rest]),
      onAnswer: answering(isSimple, (piece) => {
        // Perhaps it is at fault, and not its values: its tables have changed, or somebody has closed it.
        if (typeOf(piece) === 'E') kept.forget(key)
        return isSimple ? piece : Buffer.concat([PARSE_COMPLETE, piece])
      }),
    }
  }

  function asNew({ key, parse, bind, rest, isSimple }: UnnamedStatement): Rewritten {
    const statement = kept.named()
    return {
      bytes: Buffer.concat([parseMessage(statement.name, parse), bindMessage(statement.name, bind), ...rest]),
      onAnswer: answering(isSimple, (piece) => {
        // The answer to Parse comes first. Anything else: it was refused, or there was something else to say.
        if (typeOf(piece) === '1') kept.keep(key, statement)
        else kept.discard(statement)
        return piece
      }),
    }
  }
}

/** The first piece of an answer tells how it went. */
function answering(isSimple: boolean, onFirst: Rewritten['onAnswer']): Rewritten['onAnswer'] {
  const inForm: Rewritten['onAnswer'] = isSimple ? simpleAnswer() : (piece) => piece
  let isFirst = true
  return (piece) => {
    const answer = isFirst ? onFirst(piece) : piece
    isFirst = false
    return inForm(answer)
  }
}

const typeOf = (piece: Uint8Array): string => String.fromCharCode(piece[0] ?? 0)
