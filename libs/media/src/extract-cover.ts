import { rm } from 'node:fs/promises'
import { fileUrl, QUIET, READ_ONLY_THIS } from './ffmpeg-args.ts'
import { jpegOutput } from './jpeg-output.ts'
import type { MediaProbe } from './media-probe.ts'
import { type ProbeOptions, probeMedia } from './probe.ts'
import { runTool } from './run-tool.ts'
import { blamesTheFile } from './tool-failure.ts'

const COVER_TIMEOUT_MS = 60_000
/** 1200 pixels a side of noise as JPEG have two. */
const MAX_COVER_BYTES = 10_000_000
/** Sharp on any screen a book page is shown on; originals of 30 megapixels exist. */
const MAX_COVER_PX = 1200

export interface ExtractCoverOptions extends ProbeOptions {
  /** What `probeMedia` says of this very file, where that is known: it is not looked at again. */
  probe?: Pick<MediaProbe, 'cover'> | undefined
}

/**
 * Writes a file's embedded picture as a JPEG of at most 1200 pixels a side. False when there is none, or none
 * that can be decoded: a book isn't refused for its cover.
 */
export async function extractCover(
  filePath: string,
  outPath: string,
  { probe, signal }: ExtractCoverOptions = {},
): Promise<boolean> {
  const { cover } = probe ?? (await probeMedia(filePath, { signal }))
  if (!cover) return false
  try {
    const args = planCover(filePath, cover.streamIndex, outPath)
    await runTool({
      command: 'ffmpeg',
      args,
      timeoutMs: COVER_TIMEOUT_MS,
      limits: { fileBytes: MAX_COVER_BYTES },
      signal,
    })
    return true
  } catch (thrown) {
    await rm(outPath, { force: true })
    if (!blamesTheFile(thrown)) throw thrown
    return false
  }
}

export function planCover(filePath: string, streamIndex: number, outPath: string): string[] {
  const input = [...QUIET, ...READ_ONLY_THIS, '-i', fileUrl(filePath), '-map', `0:${streamIndex}`]
  return [...input, ...jpegOutput(outPath, MAX_COVER_PX)]
}
