import { FatalError } from '@app/runtime'
import { rankAudio } from './choose-audio.ts'
import { countSound, type SoundCount } from './count-sound.ts'
import { LONGEST_GAP_MS } from './ffmpeg-args.ts'
import { judgeSound, type MediaWarning, SHORTEST_SOUND_MS } from './judge-sound.ts'
import type { MediaProbe } from './media-probe.ts'
import { type ProbeOptions, probeMedia } from './probe.ts'

/** A file that was accepted: what it says, and how much sound is really in it. */
export interface Inspection {
  /** Its `audioStreamIndex` is the stream that was decoded. */
  probe: MediaProbe & { audioStreamIndex: number }
  /** Of decoded samples: what quotas and prices count. */
  decodedMs: number
  /** Where the sound ends, counted from the file's start: later than `decodedMs` if it starts late or has gaps. */
  soundEndMs: number
  warnings: MediaWarning[]
}

/** A disc image can hold dozens of tracks; if four of them don't decode, no other will be missed. */
const MAX_TRIED_STREAMS = 4

/**
 * Accepts a file by decoding all its sound, or refuses it: FatalError with a code of `mediaRefusals` and a
 * message that says what was found. ffprobe alone accepts files with hours in the header and no sound at all.
 */
export async function inspectMedia(filePath: string, { signal }: ProbeOptions = {}): Promise<Inspection> {
  const probe = await probeMedia(filePath, { signal })
  const candidates = rankAudio(probe.streams).slice(0, MAX_TRIED_STREAMS)
  if (candidates.length === 0) throw new FatalError('media-no-audio', `Found ${withoutSound(probe)}.`)
  let firstCount: SoundCount | undefined
  for (const { index } of candidates) {
    const count = await countSound(filePath, index, { ...probe, signal })
    if (count.decodedMs >= SHORTEST_SOUND_MS) return accepted({ ...probe, audioStreamIndex: index }, count)
    firstCount ??= count
  }
  throw refusalOf(probe, firstCount as SoundCount)
}

/** What is believed of a count of decoded sound: gaps are, unless they are longer than any, and than the sound itself. */
export function accepted(probe: Inspection['probe'], count: SoundCount): Inspection {
  const decodedMs = Math.floor(count.decodedMs)
  const gapMs = count.soundEndMs - count.decodedMs
  const isClockBroken = gapMs > Math.max(LONGEST_GAP_MS, count.decodedMs)
  const soundEndMs = isClockBroken ? decodedMs : Math.floor(count.soundEndMs)
  const warnings = judgeSound({ ...probe, decodedMs: count.decodedMs })
  if (probe.hasTooManyChapters) warnings.push('too-many-chapters')
  return { probe, decodedMs, soundEndMs, warnings }
}

function refusalOf(probe: MediaProbe, { decodedMs, failure }: SoundCount): FatalError {
  const cause = failure ? { cause: failure } : undefined
  const stream = rankAudio(probe.streams)[0]
  const found = `${stream?.codec ?? 'unknown'} sound in ${probe.container}`
  if (decodedMs > 0) {
    return new FatalError('media-too-short', `Found only ${Math.floor(decodedMs)} ms of sound.`, cause)
  }
  if (failure) return new FatalError('media-undecodable', `Found ${found} that cannot be decoded.`, cause)
  if ((probe.headerDurationMs ?? 0) >= SHORTEST_SOUND_MS) {
    const promised = Math.round((probe.headerDurationMs ?? 0) / 1000)
    return new FatalError('media-no-sound', `The header promises ${promised} s of sound; none is there.`)
  }
  return new FatalError('media-too-short', `Found ${found} without a single sample.`)
}

function withoutSound(probe: MediaProbe): string {
  if (probe.hasVideo) return 'video without sound'
  if (probe.cover) return 'a picture without sound'
  return probe.streams.length > 0 ? 'tracks of other kinds, but no sound' : 'no tracks at all'
}
