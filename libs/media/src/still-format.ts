import { open } from 'node:fs/promises'

/** What a picture's bytes begin with, and ffmpeg's reader for it. */
const SIGNATURES: readonly [format: string, pattern: RegExp][] = [
  ['jpeg_pipe', /^ffd8ff/],
  ['png_pipe', /^89504e470d0a1a0a/],
  ['webp_pipe', /^52494646.{8}57454250/],
]
const SIGNATURE_BYTES = 12

/**
 * The reader for a picture, by its content: left to itself, ffmpeg takes what is called `.jpg` for the first of a row of
 * numbered files. Undefined for what is none of the kinds that platforms serve.
 */
export async function stillFormat(path: string): Promise<string | undefined> {
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0)
  const hex = buffer.subarray(0, bytesRead).toString('hex')
  return SIGNATURES.find(([, pattern]) => pattern.test(hex))?.[0]
}
