import type { ClipEvent } from '@app/contracts'
import type { SseEvent } from '../plan/sse.ts'
import { changesOf, type Watched } from './changes.ts'

interface ClipEventsOptions {
  clipId: string
  lastEventId: string | undefined
  read: (since: string | undefined) => Promise<Watched<ClipEvent> | undefined>
  wait: () => Promise<void>
}

/** A clip's events: how it stands, each time its status or progress changes; they end with it. */
export function clipEvents({ clipId, ...options }: ClipEventsOptions): AsyncGenerator<SseEvent | undefined> {
  return changesOf({ ...options, unsent, isEnd: hasEnded, removed: { job_id: clipId } })
}

export const hasEnded = ({ status }: Pick<ClipEvent, 'status'>): boolean =>
  status === 'completed' || status === 'failed'

/** Rows change more often than what is told of them: who runs a job, and under which ticket, is not. */
function unsent(
  { view, rowVersions }: Watched<ClipEvent>,
  sent: ReadonlyMap<string, string>,
): ClipEvent | undefined {
  const isNew = [...rowVersions].some(([part, version]) => sent.get(part) !== version)
  return isNew ? view : undefined
}
