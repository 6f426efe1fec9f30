import { ClipStatus, type JobStatus } from '@app/contracts'
import type { PlannedJob } from './planned-job.ts'
import { overallStatus } from './status.ts'

/** What the jobs that make a clip are about. */
export const CLIP = 'clip'

/** Jobs about a clip's text that are no part of making the clip. */
export const CLIP_TEXT = 'clip-text'

/** What the jobs about a clip are about. */
export const CLIP_KINDS: readonly string[] = [CLIP, CLIP_TEXT]

export interface ClipToPlan {
  clipId: string
  ownerId: string
  url: string
  language?: string
  /** Fetch it again, though it was fetched a while ago. */
  force?: boolean
  /** Store the whole video beside its sound. */
  keepVideo?: boolean
}

/** A new clip's jobs: `download` → `transcribe` → `analyze` → `embed`. Its only chapter has its own id. */
export function planClip({ clipId, ownerId, url, language, force, keepVideo }: ClipToPlan): PlannedJob[] {
  const base = { lane: 'normal', subjectKind: CLIP, subjectId: clipId, ownerId, chapterId: clipId } as const
  const chapterId = clipId
  const source = { clipId, url, ...(force ? { force } : {}), ...(keepVideo ? { keepVideo } : {}) }
  const sound = { chapterId, ...(language === undefined ? {} : { language }) }
  return [
    { ...base, key: 'download', type: 'download', input: source, dependsOn: [] },
    { ...base, key: 'transcribe', type: 'transcribe', input: sound, dependsOn: ['download'] },
    { ...base, key: 'analyze', type: 'analyze', input: { chapterId }, dependsOn: ['transcribe'] },
    { ...base, key: 'embed', type: 'embed', input: { chapterId }, dependsOn: ['analyze'] },
  ]
}

/** One of a clip's jobs, as far as its status depends on it. */
export interface ClipJob {
  type: string
  status: JobStatus
  stage: string | null
}

/** What a clip is at while this job is the first that is not done, and which of the job's own stages are shown. */
const SHOWN: readonly { type: string; status: ClipStatus; stages: readonly ClipStatus[] }[] = [
  { type: 'download', status: 'pending', stages: ['downloading', 'extracting_audio', 'uploading'] },
  { type: 'transcribe', status: 'transcribing', stages: [] },
  { type: 'analyze', status: 'analyzing', stages: [] },
  { type: 'embed', status: 'generating_embeddings', stages: ['storing'] },
]

/**
 * A clip's public status: a function of its jobs' states and the running job's stage. Children of its jobs don't count,
 * nor do types that are no part of the flow.
 */
export function clipStatus(jobs: readonly ClipJob[]): ClipStatus {
  const own = jobs.filter(({ type }) => SHOWN.some((shown) => shown.type === type))
  const overall = overallStatus(own.map(({ status }) => status))
  if (overall !== 'processing') return overall
  for (const { type, status, stages } of SHOWN) {
    const job = own.find((each) => each.type === type && each.status !== 'completed')
    if (job) return stages.find((stage) => job.status === 'running' && stage === job.stage) ?? status
  }
  return 'completed'
}

const isEnd = (status: ClipStatus): boolean => status === 'completed' || status === 'failed'
const rank = (status: ClipStatus): number => ClipStatus.options.indexOf(status)

/**
 * What a clip that stood at `shown` is shown as now. Within an attempt nothing goes backwards: a download that is tried
 * again stays where it was until it gets further. A clip that had ended and goes on begins a new attempt.
 */
export function nextClipStatus(
  shown: { status: ClipStatus; attempt: number },
  now: ClipStatus,
): { status: ClipStatus; attempt: number } {
  if (isEnd(shown.status) && !isEnd(now)) return { status: now, attempt: shown.attempt + 1 }
  return rank(now) < rank(shown.status) && !isEnd(now) ? shown : { status: now, attempt: shown.attempt }
}
