/** A plan of a statement that is asked often takes some 50 KB. */
const MOST = 200
/**
 * Requests, whoever's, after which a statement is planned anew: tables grow by what is asked, PGlite has no autovacuum
 * that would tell plans so, and one that was made while a table was small may read all of it.
 */
const GOOD_FOR = 5_000

/** A statement that PGlite has parsed. */
export interface Statement {
  name: string
  /** The number of the request that it was planned for. */
  plannedFor: number
}

export interface KeepOptions {
  most?: number
  goodFor?: number
}

/** Parsed statements by their text: as many as may be kept, for as long as their plans are good. */
export function keptStatements({ most = MOST, goodFor = GOOD_FOR }: KeepOptions = {}) {
  /** In the order of their last use. */
  const kept = new Map<string, Statement>()
  let gone: string[] = []
  let lastName = 0
  let requests = 0

  function forget(key: string): void {
    const statement = kept.get(key)
    if (statement) gone.push(statement.name)
    kept.delete(key)
  }

  return {
    countRequest() {
      requests += 1
    },

    has: (key: string): boolean => kept.has(key),

    find(key: string): Statement | undefined {
      const statement = kept.get(key)
      if (!statement) return undefined
      if (requests - statement.plannedFor >= goodFor) {
        forget(key)
        return undefined
      }
      kept.delete(key)
      kept.set(key, statement)
      return statement
    },

    /** One to be parsed now. */
    named(): Statement {
      lastName += 1
      return { name: `shared_${lastName}`, plannedFor: requests }
    },

    keep(key: string, statement: Statement): void {
      kept.set(key, statement)
      const [oldest] = kept.keys()
      if (kept.size > most && oldest !== undefined) forget(oldest)
    },

    discard({ name }: Statement): void {
      gone.push(name)
    },

    forget,

    forgetAll(): void {
      for (const key of [...kept.keys()]) forget(key)
    },

    /** Names of those for which there is no more use, each once. */
    takeGone(): string[] {
      const names = gone
      gone = []
      return names
    },
  }
}
