import {
  type ClipJobStatus,
  type ClipStatus,
  type ClipTranscript,
  type ClipView,
  joinTexts,
  type Transcript,
} from '@app/contracts'

/** A clip's row, as far as it is shown. */
interface ShownClip {
  id: string
  status: ClipStatus
  attempt: number
  url: string
  canonical_url: string | null
  platform: string
  title: string | null
  author: string | null
  error_code: string | null
  error_message: string | null
  metadata: Record<string, unknown>
  created_at: Date
  updated_at: Date
}

/** How a clip's job stands. */
export function clipStatusView(clip: ShownClip): ClipJobStatus {
  const { id, status, url, platform, error_message } = clip
  return {
    ...{ job_id: id, status, url, platform, error_message },
    created_at: clip.created_at.toISOString(),
    updated_at: clip.updated_at.toISOString(),
  }
}

/** The same with all that lists show. */
export function clipView(clip: ShownClip): ClipView {
  const { error_code, canonical_url, title, author, attempt, metadata } = clip
  return { ...clipStatusView(clip), error_code, canonical_url, title, author, attempt, metadata }
}

/** A transcript in the words of the job API: times in seconds, as speech-to-text APIs have them. */
export function clipTranscript({
  language,
  segments,
}: Pick<Transcript, 'language' | 'segments'>): ClipTranscript {
  return {
    text: joinTexts(segments.map(({ text }) => text.trim())),
    language,
    timestamps: segments.map(({ startMs, endMs, text, speaker, words }) => ({
      ...{ start: startMs / 1_000, end: endMs / 1_000, text },
      ...(speaker === undefined ? {} : { speaker }),
      words: words.map((word) => ({ start: word.startMs / 1_000, end: word.endMs / 1_000, word: word.text })),
    })),
  }
}
