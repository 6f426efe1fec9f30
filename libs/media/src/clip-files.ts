/** The files that a clip was fetched as. */
export interface ClipFiles {
  /** Sound, alone or with the video. */
  soundPath: string
  /** What the thumbnail is made of: a picture, or a video, which may be the same file as the sound. */
  picture?: { path: string; isStill: boolean } | undefined
  /** A video without sound, to be joined with it. */
  videoPath?: string | undefined
}

/** A sound file as players and recognisers take it. */
export interface SoundFormat {
  extension: string
  contentType: string
  /** ffmpeg's codec, `copy` where the sound is taken over as it is. */
  codec: readonly string[]
  /** What encoding changes of the stream. */
  encoded?: { codec: string; channels?: number; channelLayout?: string }
  muxer: readonly string[]
}
