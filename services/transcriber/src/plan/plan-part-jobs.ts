import type { Lane, RecordingPart } from '@app/contracts'

interface Parent {
  id: string
  input: { chapterId: string; mediaId?: string | undefined; language?: string | undefined }
  subjectKind: string
  subjectId: string
  chapterId: string | undefined
  ownerId: string
  lane: Lane
}

/** The children of a recording that was cut: a job for each part, all at once, and the stitch that waits for them. */
export function planPartJobs(parent: Parent, parts: readonly RecordingPart[], durationMs: number) {
  const { id: transcribeId, input, subjectKind, subjectId, chapterId, ownerId, lane } = parent
  const base = { subjectKind, subjectId, ownerId, lane, ...(chapterId === undefined ? {} : { chapterId }) }
  const jobs = parts.map((part, index) => ({
    ...base,
    key: `part ${index + 1}`,
    type: 'transcribe-part',
    input: { ...input, transcribeId, index, part },
    dependsOn: [],
  }))
  const { language } = input
  const stitch = {
    ...base,
    key: 'stitch',
    type: 'stitch',
    input: {
      transcribeId,
      chapterId: input.chapterId,
      partCount: parts.length,
      durationMs,
      ...(language === undefined ? {} : { language }),
    },
    dependsOn: jobs.map(({ key }) => key),
  }
  return [...jobs, stitch]
}
