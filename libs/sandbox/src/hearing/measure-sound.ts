import { open } from 'node:fs/promises'
import { probeMedia } from '@app/media'

/** How long a file's sound is. Undefined where it has none that can be read. */
export async function measureSound(path: string, signal: AbortSignal): Promise<number | undefined> {
  const wavMs = await wavDurationMs(path)
  if (wavMs !== undefined) return wavMs
  try {
    const probe = await probeMedia(path, { signal })
    return probe.audioStreamIndex === undefined ? undefined : probe.headerDurationMs
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** Of a plain PCM WAV, by its header and size: saves starting a process for most sounds of tests. */
async function wavDurationMs(path: string): Promise<number | undefined> {
  await using file = await open(path)
  const { size } = await file.stat()
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
  const head = buffer.subarray(0, bytesRead)
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 16) !== 'WAVEfmt ')
    return undefined
  const data = head.indexOf('data', 12, 'latin1')
  const bytesPerSecond = head.readUInt32LE(28)
  if (data < 0 || bytesPerSecond === 0) return undefined
  return Math.round(((size - data - 8) * 1000) / bytesPerSecond)
}
