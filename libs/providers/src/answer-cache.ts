import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { RedisClient } from '@app/bus'
import { asError, type Logger, withTimeout } from '@app/runtime'
import type { z } from 'zod'
import type { ProviderMetrics } from './provider-metrics.ts'

/** Longer than this nobody waits for a cache. */
const PATIENCE_MS = 1_000
/** Unpacked, so that what is kept can't fill the memory of whoever reads it. */
const MOST_ANSWER_BYTES = 32 * 1024 ** 2
const KEEP_ANSWER = readFileSync(new URL('./keep-answer.lua', import.meta.url), 'utf8')

export interface CachedWork<T> {
  /** What it is, such as `transcript`. */
  kind: string
  /** All that the answer depends on: content's hash, provider, model, settings, prompt's version. Anything JSON has. */
  key: readonly unknown[]
  /** What is kept and does not fit it is a miss: another version of us may have written it. */
  schema: z.ZodType<T>
  /** Whether it will be an answer to others as well; default always. */
  isKept?: (answer: T) => boolean
}

export interface AnswerCache {
  /** What the same work gave before, or else what it gives now. Redis may be away: then it is done. */
  cached<T>(work: CachedWork<T>, make: () => Promise<T>): Promise<T>
}

export interface AnswerCacheOptions {
  redis: RedisClient
  /** Of all keys; the bus'. */
  prefix: string
  log: Logger
  metrics: ProviderMetrics
  lifetimeMs: number
  /** Of all answers together, packed. */
  mostBytes: number
}

/** Remembers nothing. */
export const noCache: AnswerCache = { cached: (_, make) => make() }

/** Paid answers, kept in Redis for a while: the same question is not paid for twice. */
export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { redis, prefix, log, metrics, lifetimeMs, mostBytes } = options
  // One hash tag, so that all of it lies in one slot of a Cluster.
  const base = `${prefix}:{answers}:`

  return {
    async cached({ kind, key, schema, isKept = () => true }, make) {
      const own = `${kind}:${hashOf(key)}`
      const kept = await read(kind, own, schema)
      if (kept !== undefined) return kept
      const made = await make()
      if (isKept(made)) await orBroken(kind, () => keep(own, made))
      return made
    },
  }

  async function read<T>(kind: string, own: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const packed = await orBroken(kind, () => redis.getBuffer(base + own))
    if (packed === undefined) return undefined
    const parsed = packed && schema.safeParse(await unpacked(packed))
    metrics.cache.inc({ kind, outcome: parsed?.success ? 'hit' : 'miss' })
    return parsed?.success ? parsed.data : undefined
  }

  async function keep(own: string, value: unknown): Promise<void> {
    const text = JSON.stringify(value)
    if (text === undefined || text.length > MOST_ANSWER_BYTES) return
    const packed = await promisify(gzip)(text)
    if (packed.length > mostBytes) return
    const keys = [base + own, `${base}index`, `${base}bytes`]
    await redis.eval(KEEP_ANSWER, keys.length, ...keys, packed, lifetimeMs, packed.length, mostBytes, own)
  }

  /** A broken cache is an empty one. */
  async function orBroken<T>(kind: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await withTimeout(ask, PATIENCE_MS, 'cache-silent')
    } catch (error) {
      metrics.cache.inc({ kind, outcome: 'broken' })
      log.debug({ err: asError(error), kind }, 'the cache of answers can not be used')
      return undefined
    }
  }
}

/** The same parts in the same order; objects whatever the order of their keys. */
const hashOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts, sortKeys)).digest('hex')

const sortKeys = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

async function unpacked(packed: Buffer): Promise<unknown> {
  try {
    const text = await promisify(gunzip)(packed, { maxOutputLength: MOST_ANSWER_BYTES })
    return JSON.parse(text.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
