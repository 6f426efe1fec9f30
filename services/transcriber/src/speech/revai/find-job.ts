import type { RevAiClient } from './revai-client.ts'
import type { RevAiJob } from './revai-shapes.ts'

interface Sought {
  /** The metadata it was submitted with. */
  tag: string
  /** Not submitted before, by our clock. */
  since: Date
  signal: AbortSignal
}

/** The most that is listed at once. */
const PAGE = 1_000
/** By how much Rev.ai's clock and ours may differ, and then some. */
const MARGIN_MS = 3_600_000

/** A job that was submitted with this metadata: one that did not fail, where there are several. */
export async function findJob(
  client: RevAiClient,
  { tag, since, signal }: Sought,
): Promise<RevAiJob | undefined> {
  const earliestMs = since.getTime() - MARGIN_MS
  let failed: RevAiJob | undefined
  for (let after: string | undefined; ; ) {
    const page = await client.jobs(PAGE, after, signal)
    const ours = page.filter(({ metadata }) => metadata === tag)
    const good = ours.find(({ status }) => status !== 'failed')
    if (good) return good
    failed ??= ours[0]
    const oldest = page.at(-1)
    if (!oldest || page.length < PAGE || Date.parse(oldest.created_on) < earliestMs) return failed
    after = oldest.id
  }
}
