import { stat } from 'node:fs/promises'
import { deadlineMs } from './deadline.ts'
import { fileUrl, QUIET, READ_ONLY_THIS } from './ffmpeg-args.ts'
import { runTool } from './run-tool.ts'

/** How sound is written for those who don't read WAV, or are far away. */
export type EncodedFormat = 'flac' | 'opus'

/** Ten minutes are 1.8 MB; speech recognisers hear nothing of what is left out. */
const OPUS_BITS_PER_SECOND = 24_000

/** What 16 bits at 16 kHz take. */
const WAV_BYTES_PER_MS = 32

export interface EncodeOptions {
  format: EncodedFormat
  /** Written anew. */
  outPath: string
  signal?: AbortSignal | undefined
}

/** Encodes a WAV of `extractSpeech`, and answers how large it came out. FLAC keeps each sample, Opus each one's time. */
export async function encodeSound(wavPath: string, options: EncodeOptions): Promise<{ bytes: number }> {
  const { format, outPath, signal } = options
  const { size } = await stat(wavPath)
  const soundMs = size / WAV_BYTES_PER_MS
  await runTool({
    command: 'ffmpeg',
    args: planEncode(wavPath, format, outPath),
    timeoutMs: deadlineMs({ bytes: size, soundMs }),
    // FLAC of noise is a little larger than the samples were.
    limits: { fileBytes: 2 * size + 1_000_000 },
    signal,
  })
  return { bytes: (await stat(outPath)).size }
}

export function planEncode(wavPath: string, format: EncodedFormat, outPath: string): string[] {
  const input = [
    ...QUIET,
    ...READ_ONLY_THIS,
    '-i',
    fileUrl(wavPath),
    '-map_metadata',
    '-1',
    '-fflags',
    '+bitexact',
  ]
  return [...input, ...CODECS[format], '-y', fileUrl(outPath)]
}

/** Complexity 2 of 10 takes two fifths of the time: 4 s for ten minutes. */
const CODECS: Readonly<Record<EncodedFormat, readonly string[]>> = {
  flac: ['-c:a', 'flac', '-compression_level', '5', '-f', 'flac'],
  opus: [
    ...['-c:a', 'libopus', '-b:a', String(OPUS_BITS_PER_SECOND), '-application', 'voip'],
    ...['-compression_level', '2', '-f', 'ogg'],
  ],
}
