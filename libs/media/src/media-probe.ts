/** One stream of a file, as its header describes it: nothing here has been decoded yet. */
export interface MediaStream {
  index: number
  kind: 'audio' | 'video' | 'subtitle' | 'other'
  /** Absent where ffmpeg has no name for it, which means that it can't decode it either. */
  codec?: string
  isDefault: boolean
  /** BCP 47. */
  language?: string
  title?: string
  durationMs?: number
  startMs?: number
  bitRate?: number
  channels?: number
  /** ffmpeg's name: mono, stereo, 5.1(side) … */
  channelLayout?: string
  sampleRate?: number
  width?: number
  height?: number
  /** A still picture that belongs to the file, not a video. */
  isCover: boolean
  /** Commentary, or made for the visually or hearing impaired: not what the recording is about. */
  isSpecial: boolean
}

/** A chapter mark inside a file, as found: it may lie anywhere, overlap, or end before it starts. */
export interface EmbeddedChapter {
  startMs: number
  endMs: number
  title?: string
}

export interface Cover {
  streamIndex: number
  codec?: string
  width?: number
  height?: number
}

/** What a media file says about itself. Claims, to be checked by `inspectMedia`. */
export interface MediaProbe {
  /** ffmpeg's name of the format, e.g. "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string
  bytes: number
  /** As the header has it; absent from streamed recordings, and no promise. */
  headerDurationMs?: number
  /** ffprobe worked the duration out from the bit rate: right for constant rates only. */
  isDurationEstimated: boolean
  /** The first timestamp. All times we hand out count from here. */
  startMs: number
  streams: MediaStream[]
  /** The stream to transcribe: the default one, and the best of several; absent without sound. */
  audioStreamIndex?: number
  hasVideo: boolean
  /** Keys in lower case. Values are clean UTF-8 of limited length. */
  tags: Record<string, string>
  /** None of them where there are more than any book has. */
  chapters: EmbeddedChapter[]
  hasTooManyChapters?: boolean
  cover?: Cover
}
