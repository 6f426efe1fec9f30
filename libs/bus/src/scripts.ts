import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** A Lua script by its name in `scripts/`; each begins with a sentence on what it does, its keys and its arguments. */
export const script = (name: string): string =>
  readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

/** Nobody's group means nobody's entries: the answer is `undefined`, and the reader makes the group anew. */
export async function evalScript(redis: Redis, lua: string, key: string, args: string[]): Promise<unknown> {
  try {
    return await redis.eval(lua, 1, key, ...args)
  } catch (error) {
    if (String(error).includes('NOGROUP')) return undefined
    throw error
  }
}
