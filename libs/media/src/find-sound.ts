import { stat } from 'node:fs/promises'
import { FatalError } from '@app/runtime'
import { z } from 'zod'
import { deadlineMs } from './deadline.ts'
import { probeMedia } from './probe.ts'
import { clockJumps, isSeekable, prerollMs, rangeMs, type SoundRange } from './speech-input.ts'

const SoundProbe = z.object({
  container: z.string().optional(),
  audioStreamIndex: z.int().optional(),
  headerDurationMs: z.number().optional(),
  /** As `Inspection` has it, where all the sound was decoded. */
  soundEndMs: z.number().optional(),
  streams: z.array(
    z.object({
      index: z.int(),
      kind: z.enum(['audio', 'video', 'subtitle', 'other']),
      codec: z.string().optional(),
      channels: z.number().optional(),
      channelLayout: z.string().optional(),
      sampleRate: z.number().optional(),
      bitRate: z.number().optional(),
    }),
  ),
})

/** What must be known of a file to read its sound; every `MediaProbe` says it. */
export type SoundProbe = z.infer<typeof SoundProbe>

/**
 * What was found of a file when it was taken in, from an `Inspection` that has been stored as JSON since. Undefined where
 * that says nothing of a stream of sound: then the file has to be looked at again.
 */
export function storedProbe(inspection: unknown): SoundProbe | undefined {
  const found = z.object({ probe: SoundProbe, soundEndMs: z.number().optional() }).safeParse(inspection).data
  if (!found) return undefined
  const { probe, soundEndMs } = found
  const sound = probe.streams.find(({ index }) => index === probe.audioStreamIndex)
  if (sound?.channels === undefined) return undefined
  return soundEndMs === undefined ? probe : { ...probe, soundEndMs }
}

/** Which sound of a file is to be read. */
export interface SoundChoice {
  /** What `probeMedia` says of this very file, where that is known: it is not looked at again. */
  probe?: SoundProbe | undefined
  /** Default: the stream that `probeMedia` would choose. */
  streamIndex?: number | undefined
  /** On the file's timeline, as chapters are; default all of it. */
  startMs?: number | undefined
  endMs?: number | undefined
  signal?: AbortSignal | undefined
}

/** Sound that is to be read. */
export interface FoundSound {
  range: SoundRange
  channels: number
  channelLayout: string | undefined
  /** As the header has it; the range's length where it has an end. */
  soundMs: number | undefined
  /** It ends, and begins before the file does: where nothing is found in it, there is a gap. */
  isInside: boolean
  /** What reading it may take. */
  timeoutMs: number
}

/** Finds the stream. Errors: FatalError `media-no-audio` where it is none of sound, and those of `probeMedia`. */
export async function findSound(filePath: string, choice: SoundChoice): Promise<FoundSound> {
  const { startMs, endMs, signal } = choice
  // Also says that the file is there: ffmpeg's failure for want of it would be put down to the recording.
  const { size: bytes } = await stat(filePath)
  const probe: SoundProbe = choice.probe ?? (await probeMedia(filePath, { signal }))
  const streamIndex = choice.streamIndex ?? probe.audioStreamIndex
  const stream = probe.streams.find(({ index, kind }) => index === streamIndex && kind === 'audio')
  if (!stream) throw new FatalError('media-no-audio', `Found no sound stream ${streamIndex ?? ''} to read.`)
  const { index, channels = 1, channelLayout } = stream
  const cannotSeek = !isSeekable(probe.container ?? '', stream) || clockJumps(probe)
  const range = { filePath, streamIndex: index, startMs, endMs, cannotSeek }
  const soundMs = endMs === undefined ? probe.headerDurationMs : rangeMs(range)
  const lastMs = Math.max(probe.headerDurationMs ?? 0, probe.soundEndMs ?? 0)
  const isInside = endMs !== undefined && (startMs ?? 0) < lastMs
  const timeoutMs = deadlineMs({ bytes, soundMs: (soundMs ?? 0) + prerollMs(range) })
  return { range, channels, channelLayout, soundMs, isInside, timeoutMs }
}
