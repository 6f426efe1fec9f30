import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FatalError } from '@app/runtime'
import type { ClipFiles, SoundFormat } from './clip-files.ts'
import { deadlineMs } from './deadline.ts'
import { accepted, type Inspection } from './inspect.ts'
import { SHORTEST_SOUND_MS } from './judge-sound.ts'
import type { MediaProbe, MediaStream } from './media-probe.ts'
import { fitsMp4, planClipPass, planSound } from './plan-clip.ts'
import { type ProbeOptions, probeMedia } from './probe.ts'
import { readProgress } from './progress.ts'
import { undecodable } from './refusals.ts'
import { runTool } from './run-tool.ts'
import { stillFormat } from './still-format.ts'
import { blamesTheFile, type ToolFailure } from './tool-failure.ts'

export interface ExtractClipOptions extends ProbeOptions {
  /** Where the results are written; nothing of these names may be there. */
  directory: string
  /** None of them grows larger. */
  maxFileBytes?: number
  /** The video is to be kept: one in a container that players don't take is put into MP4, where it fits in there. */
  keepsVideo?: boolean | undefined
  /** Looked at before anything is decoded; throws to refuse the file. */
  judge?: (probe: MediaProbe) => void
}

/** A clip's parts as files, and what is in them. */
export interface ExtractedClip extends Inspection {
  sound: { path: string; extension: string; contentType: string }
  /** The only stream of the sound's file; `probe` is of the file it comes from. */
  soundStream: MediaStream
  thumbnailPath?: string
  /** Sound and video joined, where they came apart, or put into MP4. */
  videoPath?: string
}

/**
 * Takes a clip apart: sound as it is stored, a JPEG, and how much sound there is, all from one run of ffmpeg after one
 * look at the header. A picture that can't be used is left out, after a second run without it. Errors: FatalError
 * `media-…` as from `probeMedia` and `inspectMedia`, ToolFailure `too-much-output` where a result would be larger than
 * `maxFileBytes`, and what `judge` throws.
 */
export async function extractClip(files: ClipFiles, options: ExtractClipOptions): Promise<ExtractedClip> {
  const found = await probeMedia(files.soundPath, options)
  const { audioStreamIndex } = found
  if (audioStreamIndex === undefined) throw new FatalError('media-no-audio', 'Found video without sound.')
  options.judge?.(found)
  const probe = { ...found, audioStreamIndex }
  const stream = found.streams.find(({ index }) => index === audioStreamIndex) as MediaStream
  const still = files.picture?.isStill ? await stillFormat(files.picture.path) : undefined
  const isInSound = files.picture?.path === files.soundPath
  // What surely gives no picture is not even tried.
  const hasPicture = files.picture?.isStill ? still !== undefined : !isInSound || found.hasVideo
  const picture = hasPicture ? files.picture : undefined
  const videoPath = files.videoPath ?? (options.keepsVideo && fitsMp4(found) ? files.soundPath : undefined)
  const taken = { ...files, picture, videoPath }
  const run = {
    files: taken,
    probe,
    sound: planSound(stream, found.startMs),
    stream,
    stillFormat: still,
    options,
  }
  try {
    return await pass(run)
  } catch (thrown) {
    if (!blamesTheFile(thrown) || isTooLarge(thrown)) throw thrown
    if (!picture) throw undecodable(thrown)
    return await pass({ ...run, files: { ...taken, picture: undefined } }).catch((again: unknown) => {
      throw blamesTheFile(again) && !isTooLarge(again) ? undecodable(again) : again
    })
  }
}

const isTooLarge = ({ reason }: ToolFailure) => reason === 'too-much-output'

interface Run {
  files: ClipFiles
  probe: ExtractedClip['probe']
  sound: SoundFormat
  stream: MediaStream
  stillFormat: string | undefined
  options: ExtractClipOptions
}

async function pass({ files, probe, sound, stream, stillFormat, options }: Run): Promise<ExtractedClip> {
  const { directory, signal, maxFileBytes } = options
  const outs = {
    soundOut: join(directory, `sound.${sound.extension}`),
    thumbnailOut: join(directory, 'thumbnail.jpg'),
    videoOut: join(directory, 'video.mp4'),
  }
  for (const path of Object.values(outs)) await rm(path, { force: true })
  const { progress, take } = readProgress()
  await runTool({
    command: 'ffmpeg',
    args: planClipPass({ files, probe, sound, stillFormat, ...outs }),
    timeoutMs: deadlineMs({ bytes: probe.bytes, soundMs: probe.headerDurationMs }),
    onStdoutLine: take,
    limits: { fileBytes: maxFileBytes },
    cwd: directory,
    signal,
  })
  const decodedMs = progress.outputBytes / BYTES_PER_MS
  if (decodedMs < SHORTEST_SOUND_MS) {
    throw new FatalError('media-too-short', `Found only ${Math.floor(decodedMs)} ms of sound.`)
  }
  return {
    ...accepted(probe, { decodedMs, soundEndMs: Math.max(decodedMs, progress.outputEndMs) }),
    sound: { path: outs.soundOut, extension: sound.extension, contentType: sound.contentType },
    soundStream: { ...stream, ...sound.encoded, index: 0 },
    ...(files.picture && (await hasBytes(outs.thumbnailOut)) ? { thumbnailPath: outs.thumbnailOut } : {}),
    ...(files.videoPath ? { videoPath: outs.videoOut } : {}),
  }
}

/** Of the counted output: 16 bits, mono, 16 kHz. */
const BYTES_PER_MS = 32

async function hasBytes(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined)
  return info !== undefined && info.size > 0
}
