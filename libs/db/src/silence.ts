import pg from 'pg'

/** Nobody waits longer for a database that answers nothing at all. A connection error: the statement may have run. */
export class DatabaseSilentError extends Error {
  readonly code = 'database-silent'

  constructor(silenceMs: number) {
    super(`no connection to the database has answered for ${silenceMs} ms`)
    this.name = 'DatabaseSilentError'
  }
}

/** How often it is looked, in the time after which silence is silence. */
const LOOKS = 12
const ASK_EVERY_MS = 1_000

/**
 * Tells a database that hangs from one that is slow: the former answers nobody, not even `select 1` on a connection of
 * its own. From then on whoever waits is told so, and whoever comes, at once, until it answers again. One that is
 * down needs none of this, for it refuses by itself. Counts looks, not time: a process that was itself asleep for
 * a while has heard nothing, and must not blame the database.
 */
export function watchSilence(url: string, silenceMs: number) {
  const lookMs = silenceMs / LOOKS
  const probe = new pg.Pool({
    ...{ connectionString: url, max: 1, idleTimeoutMillis: 0 },
    ...{ connectionTimeoutMillis: silenceMs, query_timeout: silenceMs },
  })
  probe.on('error', () => {})
  const waiting = new Set<(error: Error) => void>()
  let unheardLooks = 0
  let asking = false
  let askAtMs = 0
  let isSilent = false
  const timer = setInterval(look, lookMs).unref()

  return {
    /** What `work` comes to, or a DatabaseSilentError as soon as the database is known to hang. */
    async guard<T>(work: () => Promise<T>): Promise<T> {
      if (isSilent) throw new DatabaseSilentError(silenceMs)
      const silent = Promise.withResolvers<never>()
      waiting.add(silent.reject)
      try {
        return await Promise.race([heard(work()), silent.promise])
      } finally {
        waiting.delete(silent.reject)
      }
    },

    async stop(): Promise<void> {
      clearInterval(timer)
      await probe.end()
    },
  }

  function look(): void {
    if (!asking && performance.now() >= askAtMs) ask()
    else if (asking) unheardLooks += 1
    if (unheardLooks < LOOKS || isSilent) return
    isSilent = true
    for (const reject of waiting) reject(new DatabaseSilentError(silenceMs))
  }

  function ask(): void {
    asking = true
    askAtMs = performance.now() + ASK_EVERY_MS
    const asked = () => {
      asking = false
    }
    heard(probe.query('select 1')).then(asked, asked)
  }

  /** Any answer is a sign of life, a refusal too; giving up by ourselves is none. */
  async function heard<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer
      alive()
      return value
    } catch (error) {
      if (!/timeout/i.test(String(error))) alive()
      throw error
    }
  }

  function alive(): void {
    unheardLooks = 0
    isSilent = false
  }
}

export type Silence = ReturnType<typeof watchSilence>
