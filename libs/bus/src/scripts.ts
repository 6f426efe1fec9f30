import { readFileSync } from 'node:fs'
import type { RedisClient } from './redis-client.ts'

/** A Lua script by its name in `scripts/`; each begins with a sentence on what it does, its keys and its arguments. */
export const script = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

export const evalScript = (redis: RedisClient, lua: string, key: string, args: string[]): Promise<unknown> =>
  orNoGroup(redis.eval(lua, 1, key, ...args))

/** Nobody's group means nobody's entries: the answer is `undefined`, and the reader makes the group anew. */
export async function orNoGroup<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (String(error).includes('NOGROUP')) return undefined
    throw error
  }
}

/** Runs a script by its hash, and in full where Redis does not know it yet: for what is run thousands of times a second. */
export function frequentScript(redis: RedisClient, name: string, lua = script(name)) {
  // Named apart from what Redis itself calls `publish`.
  const property = `scriptorium:${name}`
  redis.defineCommand(property, { lua })
  const command = (
    redis as unknown as Record<string, (keyCount: number, ...args: (string | number)[]) => Promise<unknown>>
  )[property]
  return (keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> =>
    command?.call(redis, keys.length, ...keys, ...args) ?? Promise.reject(new Error(`no script ${name}`))
}
