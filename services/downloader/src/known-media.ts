import { createHash } from 'node:crypto'
import type { DownloadResult, DownloadRun } from './download-run.ts'
import { recentMedia } from './queries/sources.ts'

/**
 * What was fetched of this URL for somebody else lately. Whoever fetches the same at the moment is waited for, by the
 * limit: this run ends then, and the next one finds what that one stored. Undefined where it must be fetched.
 */
export async function knownMedia(
  { job, deps, context }: DownloadRun,
  canonicalUrl: string | undefined,
): Promise<DownloadResult | undefined> {
  if (canonicalUrl === undefined) return undefined
  await context.limits.take({ kind: 'concurrency', key: `source/${hashOf(canonicalUrl)}`, most: 1 })
  const { force, keepVideo = false } = job.input
  if (force) return undefined
  return await recentMedia(deps.db, canonicalUrl, { withinMs: deps.reuseMs, needsVideo: keepVideo })
}

/** A limit's key is short and without blanks. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
