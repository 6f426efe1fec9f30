import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Word } from '@app/contracts'
import { runTool } from '@app/media'
import { type Ask, type Hear, type Sandbox, startSandbox } from '@app/sandbox'
import { moved, type Reading } from './recording.ts'

/** Of the sound's length: ten minutes of sound take fifteen seconds, as they do at hosted models. */
const SPEED = 40
/** By so much of its beginning a sound is told from all other places of the reading. */
const LISTENED_MS = 20_000
const FRAME_MS = 10
const FRAME_BYTES = 320
const WAV_BYTES_PER_MS = 32

/**
 * A local server of OpenAI's wire format that knows the reading by heart: it finds out by ear which place of it a sound
 * begins at, and takes as long for its answer as a hosted model would.
 */
export async function startProvider(reading: Reading): Promise<Sandbox> {
  const known = loudnessOf(reading.samples)
  const hear: Hear = async ({ path: soundPath, durationMs }, signal) => {
    const beginning = await beginningOf(soundPath, signal)
    return wordsBetween(reading, placeOf(loudnessOf(beginning), known) * FRAME_MS, durationMs)
  }
  // Not in the ear: the same sound is heard once, and pages that are read again are the same sound at times.
  return await startSandbox({ hear, answerAfterMs: (ask) => soundMs(ask) / SPEED })
}

/** Servers that are not OpenAI's own are given plain WAV. */
function soundMs({ body }: Ask): number {
  const bytes = body.kind === 'form' ? body.files[0]?.sizeBytes : 0
  return (bytes ?? 0) / WAV_BYTES_PER_MS
}

async function beginningOf(soundPath: string, signal: AbortSignal): Promise<Buffer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scriptorium-bench-ear-'))
  const raw = path.join(directory, 'raw')
  try {
    const output = ['-ac', '1', '-ar', '16000', '-t', String(LISTENED_MS / 1000), '-f', 's16le', '-y', raw]
    const args = ['-nostdin', '-v', 'error', '-i', soundPath, ...output]
    await runTool({ command: 'ffmpeg', args, timeoutMs: 60_000, signal })
    return await readFile(raw)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Of each hundredth of a second, about a mean of zero. */
function loudnessOf(samples: Buffer): Float64Array {
  const frames = Math.floor(samples.length / FRAME_BYTES)
  const loudness = Float64Array.from({ length: frames }, (_, frame) => {
    let sum = 0
    for (let at = frame * FRAME_BYTES; at < (frame + 1) * FRAME_BYTES; at += 2)
      sum += Math.abs(samples.readInt16LE(at))
    return Math.log1p(sum)
  })
  const mean = loudness.reduce((sum, each) => sum + each, 0) / Math.max(1, frames)
  return loudness.map((each) => each - mean)
}

/** The frame of the reading, which begins anew at its end, from which on it sounds most like this. */
function placeOf(heard: Float64Array, known: Float64Array): number {
  let best = { place: 0, likeness: Number.NEGATIVE_INFINITY }
  for (let place = 0; place < known.length; place += 1) {
    let likeness = 0
    for (let frame = 0; frame < heard.length; frame += 1) {
      likeness += (heard[frame] ?? 0) * (known[(place + frame) % known.length] ?? 0)
    }
    if (likeness > best.likeness) best = { place, likeness }
  }
  return best.place
}

/** The words of so much of the endless reading, their times from where it begins. */
function wordsBetween({ words, durationMs: roundMs }: Reading, fromMs: number, lengthMs: number): Word[] {
  const rounds = Math.ceil((fromMs + lengthMs) / roundMs)
  return Array.from({ length: rounds }, (_, round) =>
    words.map((word) => moved(word, round * roundMs - fromMs)),
  )
    .flat()
    .filter(({ startMs, endMs }) => startMs + endMs > 0 && startMs + endMs < 2 * lengthMs)
    .map((word) => ({ ...word, startMs: Math.max(0, word.startMs), endMs: Math.min(lengthMs, word.endMs) }))
}
