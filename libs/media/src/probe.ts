import { open } from 'node:fs/promises'
import { FatalError } from '@app/runtime'
import { deadlineMs } from './deadline.ts'
import { fileUrl, MAX_ALLOC, READ_ONLY_THIS } from './ffmpeg-args.ts'
import type { MediaProbe } from './media-probe.ts'
import { parseProbe } from './parse-probe.ts'
import { runTool } from './run-tool.ts'
import { type Finding, SNIFFED_BYTES, sniff } from './sniff.ts'
import { blamesTheFile, type ToolFailure } from './tool-failure.ts'

export interface ProbeOptions {
  signal?: AbortSignal | undefined
}

/** A million chapters make 200 MB of JSON; a long book has hundreds. */
const MAX_REPORT_BYTES = 32_000_000

/**
 * Reads what a file says about itself, by its content and never by its name. Decodes nothing to speak of.
 * Throws FatalError `media-empty`, `media-playlist`, `media-unreadable`, or `media-no-audio` for a picture.
 */
export async function probeMedia(filePath: string, { signal }: ProbeOptions = {}): Promise<MediaProbe> {
  const { bytes, finding } = await firstLook(filePath)
  if (bytes === 0) throw new FatalError('media-empty', 'The file has no bytes.')
  if (finding) throw refusal(finding)
  try {
    const { stdout, stderrTail } = await runTool({
      command: 'ffprobe',
      args: planProbe(filePath),
      timeoutMs: deadlineMs({ bytes }),
      maxStdoutBytes: MAX_REPORT_BYTES,
      signal,
    })
    return parseProbe(stdout, bytes, stderrTail)
  } catch (cause) {
    throw blamesTheFile(cause) ? unreadable(cause) : cause
  }
}

function planProbe(filePath: string): string[] {
  const sections = ['-show_format', '-show_streams', '-show_chapters']
  // "warning" is where ffprobe says that it guessed the duration.
  return [
    '-hide_banner',
    '-v',
    'warning',
    ...MAX_ALLOC,
    ...READ_ONLY_THIS,
    '-of',
    'json',
    ...sections,
    fileUrl(filePath),
  ]
}

async function firstLook(filePath: string): Promise<{ bytes: number; finding: Finding | undefined }> {
  await using file = await open(filePath, 'r')
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0)
  return { bytes: size, finding: sniff(buffer.subarray(0, bytesRead)) }
}

function refusal({ kind, what }: Finding): FatalError {
  if (kind === 'playlist') return new FatalError('media-playlist', `Found ${what}, which is never followed.`)
  if (kind === 'image') return new FatalError('media-no-audio', `Found ${what}, which holds no sound.`)
  return new FatalError('media-unreadable', `Found ${what} in place of sound or video.`)
}

/** Formats outside the list: those that refer to other files are playlists however they are spelled. */
function unreadable(cause: ToolFailure): FatalError {
  const refused = /^\[(\S+) @ \S+\] Format not on whitelist/m.exec(cause.stderrTail)?.[1]
  if (!refused)
    return new FatalError('media-unreadable', 'Found neither sound nor video that can be read.', { cause })
  if (/hls|dash|concat|imf|sdp|rtsp|rtp|realtext/.test(refused)) {
    return new FatalError('media-playlist', `Found a playlist (${refused}), which is never followed.`, {
      cause,
    })
  }
  return new FatalError('media-unreadable', `Found a format that is not supported (${refused}).`, { cause })
}
