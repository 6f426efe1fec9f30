import type { MediaStream } from './media-probe.ts'

/**
 * The sound streams worth trying, best first: decodable, not a commentary, default, most channels, highest
 * bit rate, first. The first stream of a file is often not the best (a low-rate preview, another language).
 */
export function rankAudio(streams: readonly MediaStream[]): MediaStream[] {
  return streams.filter((stream) => stream.kind === 'audio').toSorted(betterFirst)
}

function betterFirst(a: MediaStream, b: MediaStream): number {
  return (
    Number(isDecodable(b)) - Number(isDecodable(a)) ||
    Number(a.isSpecial) - Number(b.isSpecial) ||
    Number(b.isDefault) - Number(a.isDefault) ||
    (b.channels ?? 0) - (a.channels ?? 0) ||
    (b.bitRate ?? 0) - (a.bitRate ?? 0) ||
    (b.sampleRate ?? 0) - (a.sampleRate ?? 0) ||
    a.index - b.index
  )
}

function isDecodable(stream: MediaStream): boolean {
  return stream.codec !== undefined && (stream.channels ?? 0) > 0
}
