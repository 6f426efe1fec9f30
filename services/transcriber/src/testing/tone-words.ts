import { readFile } from 'node:fs/promises'
import type { Word } from '@app/contracts'
import { wavHeader } from '@app/media'
import { FRAME_MS, FRAME_SAMPLES, frameLoudnessDb } from '../plan/frame-loudness.ts'
import { planHeard } from '../plan/plan-heard.ts'
import type { SpeechCapabilities, SpeechToText, TranscribeOptions } from '../speech/port.ts'
import { readWavHeader } from '../speech/wav.ts'

const RATE = 16_000
const LOWEST_HZ = 300
const STEP_HZ = 15
const WORD_MS = 240
/** A tone that was cut is heard, but not for what it is. */
const SHORTEST_MS = 200
const AUDIBLE_DB = -40

/** A recording in which every word is a tone of its own, so that each can be told from all others, and when it sounds. */
export function toneWords(pausesMs: readonly number[]): { wav: Buffer; words: Word[] } {
  let atMs = 500
  const words = pausesMs.map((pauseMs, index) => {
    const word = { text: `w${index}`, startMs: atMs, endMs: atMs + WORD_MS }
    atMs += WORD_MS + pauseMs
    return word
  })
  const samples = new Int16Array((atMs + 500) * (RATE / 1000))
  for (const [index, { startMs }] of words.entries()) {
    const first = startMs * (RATE / 1000)
    const hz = LOWEST_HZ + STEP_HZ * index
    for (let n = 0; n < WORD_MS * (RATE / 1000); n += 1) {
      samples[first + n] = Math.round(12_000 * Math.sin((2 * Math.PI * hz * n) / RATE))
    }
  }
  return { wav: wavOf(samples), words }
}

/** Reads the words of such a recording. Everything it does is told to `onCall`, which may take its time. */
export function toneReader({
  onCall = async () => {},
  ...capabilities
}: Partial<SpeechCapabilities> & { onCall?: OnCall } = {}): SpeechToText {
  return {
    provider: 'tones',
    model: 'tones-1',
    capabilities: { ...CAPABILITIES, ...capabilities },
    async transcribe(sound, options) {
      await onCall(options)
      const { language = 'en', onProgress } = options
      const words = await wordsIn(sound.path)
      const segments = planHeard([{ words }], sound)
      onProgress(1)
      return { language, provider: 'tones', model: 'tones-1', durationMs: sound.durationMs, segments }
    },
  }
}

type OnCall = (options: TranscribeOptions) => Promise<void>

const CAPABILITIES: SpeechCapabilities = {
  wordTimes: true,
  speakers: false,
  languages: 'any',
  inputs: ['file'],
  formats: ['wav'],
}

async function wordsIn(path: string): Promise<Word[]> {
  const { dataOffset, sampleCount } = await readWavHeader(path)
  const bytes = (await readFile(path)).subarray(dataOffset, dataOffset + sampleCount * 2)
  const words: Word[] = []
  let first: number | undefined
  const frames = Math.floor(sampleCount / FRAME_SAMPLES)
  for (let frame = 0; frame <= frames; frame += 1) {
    const isLoud = frame < frames && frameLoudnessDb(bytes, frame * FRAME_SAMPLES * 2) > AUDIBLE_DB
    if (isLoud) first ??= frame
    else if (first !== undefined) {
      words.push(wordOf(bytes, first, frame))
      first = undefined
    }
  }
  return words
}

function wordOf(bytes: Buffer, first: number, end: number): Word {
  const times = { startMs: first * FRAME_MS, endMs: end * FRAME_MS }
  if (times.endMs - times.startMs < SHORTEST_MS) return { text: 'uh', ...times }
  // Codecs smear the edges.
  const from = (first + 4) * FRAME_SAMPLES
  const to = (end - 4) * FRAME_SAMPLES
  const rises: number[] = []
  for (let n = from + 1; n < to; n += 1) {
    const [before, after] = [bytes.readInt16LE((n - 1) * 2), bytes.readInt16LE(n * 2)]
    if (before < 0 && after >= 0) rises.push(n - after / (after - before))
  }
  const [firstRise = 0, lastRise = 1] = [rises[0], rises.at(-1)]
  const hz = ((rises.length - 1) * RATE) / (lastRise - firstRise)
  return { text: `w${Math.round((hz - LOWEST_HZ) / STEP_HZ)}`, ...times }
}

function wavOf(samples: Int16Array): Buffer {
  const header = wavHeader({ sampleRate: RATE, dataBytes: samples.byteLength })
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}
