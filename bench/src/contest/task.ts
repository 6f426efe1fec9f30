/** Where a contestant finds its servers. */
export interface Servers {
  redisUrl: string
  /** A database of its own on the shared PostgreSQL. */
  databaseUrl: string
}

export type TaskOptions = Readonly<Record<string, number | string | boolean>>

/** What one run measured, by name. */
export type Sample = Record<string, number>

/**
 * One thing that a contestant does and measures: it prepares what it needs, begins from empty servers, measures, and
 * checks that every job was delivered exactly once. Rejects where one was not.
 */
export type Task<Options extends TaskOptions = never> = (
  servers: Servers,
  options: Options,
) => Promise<Sample>
