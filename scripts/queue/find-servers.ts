/** What of `.data/stack.json` is needed here. */
export interface StackAddresses {
  database_url: string
  redis_url: string
}

export interface Servers {
  databaseUrl: string
  /** Without it everything but the depth of the streams can still be answered. */
  redisUrl: string | undefined
  prefix: string
}

interface Facts {
  env: Readonly<Record<string, string | undefined>>
  /** The stack that last ran on the data directory. */
  stack: StackAddresses | undefined
}

/** Where Postgres and Redis are: as the environment says, else where the stack on the data directory has them. Pure. */
export function findServers({ env, stack }: Facts): Servers | undefined {
  const databaseUrl = env.DATABASE_URL || stack?.database_url
  if (!databaseUrl) return undefined
  // The Redis of a stack that works on another database knows nothing of these jobs.
  const stackRedisUrl = stack?.database_url === databaseUrl ? stack.redis_url : undefined
  return {
    databaseUrl,
    redisUrl: env.REDIS_URL || stackRedisUrl,
    prefix: env.QUEUE_PREFIX || 'audiobook',
  }
}

/** An address as it may be shown: without its password. */
export function withoutPassword(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname}${port ? `:${port}` : ''}${pathname}`
  } catch {
    // Several servers in one address, as of a Redis Cluster, are more than a URL can hold.
    const servers = /^[\w+]+:\/\/(?:.*@)?([^?@]+)/.exec(url)?.[1]
    return servers ?? 'an address that can not be read'
  }
}
