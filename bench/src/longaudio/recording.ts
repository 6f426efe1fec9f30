import { stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Word } from '@app/contracts'
import { runTool } from '@app/media'
import { spreadWords } from '@app/sandbox'
import { readAloud, SAMPLE_RATE } from '../../../scripts/demo/book/read-aloud.ts'
import { DEMO_TEXT } from '../../../scripts/demo/text.ts'

/** Three pages read aloud, and when each word is said: the same over and over make a recording of any length. */
export interface Reading {
  samples: Buffer
  durationMs: number
  words: Word[]
}

/** Lines are known to the sample, and a line's words by their letters. */
export async function readPages(directory: string): Promise<Reading> {
  const samples: Buffer[] = []
  const words: Word[] = []
  let atMs = 0
  for (const passage of DEMO_TEXT.chapters) {
    const page = await readAloud(passage, { directory })
    for (const { text, startMs, endMs } of page.spoken) {
      words.push(...spreadWords(text, endMs - startMs).map((word) => moved(word, atMs + startMs)))
    }
    samples.push(page.samples)
    atMs += page.durationMs
  }
  return { samples: Buffer.concat(samples), durationMs: atMs, words }
}

export function moved<Times extends { startMs: number; endMs: number }>(times: Times, byMs: number): Times {
  return { ...times, startMs: times.startMs + byMs, endMs: times.endMs + byMs }
}

export interface Recording {
  path: string
  bytes: number
  durationMs: number
}

const TIMEOUT_MS = 10 * 60_000

/** An MP3 of the pages read again and again, a whole number of times, about so long. */
export async function recordingOf(
  { samples, durationMs }: Reading,
  wantedMs: number,
  directory: string,
): Promise<Recording> {
  const times = Math.max(1, Math.round(wantedMs / durationMs))
  const raw = path.join(directory, 'pages.s16le')
  const out = path.join(directory, `recording-${times}.mp3`)
  await writeFile(raw, samples)
  const input = [
    '-f',
    's16le',
    '-ar',
    String(SAMPLE_RATE),
    '-ac',
    '1',
    '-stream_loop',
    String(times - 1),
    '-i',
    raw,
  ]
  const args = ['-nostdin', '-v', 'error', ...input, '-c:a', 'libmp3lame', '-b:a', '32k', '-y', out]
  await runTool({ command: 'ffmpeg', args, timeoutMs: TIMEOUT_MS })
  return { path: out, bytes: (await stat(out)).size, durationMs: times * durationMs }
}

/** What is said in such a recording. */
export function textOf({ words, durationMs }: Reading, recording: Recording): string {
  const once = words.map(({ text }) => text).join(' ')
  return Array(Math.round(recording.durationMs / durationMs))
    .fill(once)
    .join(' ')
}
