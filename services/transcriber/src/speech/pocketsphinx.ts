import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Transcript } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { FRAME_SAMPLES } from '../plan/frame-loudness.ts'
import { parseCtm } from '../plan/parse-ctm.ts'
import { planSegments } from '../plan/plan-segments.ts'
import type { Sound, SpeechToText, TranscribeOptions } from './port.ts'
import { type Effort, recogniseSpans } from './recognise-spans.ts'
import { readWavHeader } from './wav.ts'

const PROVIDER = 'pocketsphinx'
/** A transcript says how it was heard: a quick one is not taken for another, by readers nor by the cache. */
const MODELS: Readonly<Record<Effort, string>> = {
  full: 'en-us',
  fast: 'en-us fast',
  draft: 'en-us draft',
}

/**
 * CMU PocketSphinx with its US English model: offline, free, one core, and wrong in one word out of five
 * or so. A recording without a named language is taken for English, the only language it knows.
 */
export function pocketSphinx({ effort = 'full' }: { effort?: Effort } = {}): SpeechToText {
  return {
    provider: PROVIDER,
    model: MODELS[effort],
    capabilities: {
      wordTimes: true,
      speakers: false,
      languages: ['en'],
      inputs: ['file'],
      formats: ['wav'],
      ignoresVocabulary: true,
    },
    transcribe: (sound, options) => transcribe(sound, effort, options),
  }
}

async function transcribe(sound: Sound, effort: Effort, options: TranscribeOptions): Promise<Transcript> {
  const language = asEnglish(options.language)
  const { signal, onProgress } = options
  signal.throwIfAborted()

  const wav = await readWavHeader(sound.path)
  const durationMs = Math.floor((wav.sampleCount * 10) / FRAME_SAMPLES)
  // Beside the sound, so that what is left after a kill -9 goes where the sound goes.
  const workDir = await mkdtemp(join(dirname(sound.path), 'recognise-'))
  try {
    const ctm = await recogniseSpans(
      { path: sound.path, dataOffset: wav.dataOffset, spans: sound.spans, workDir },
      { effort, signal, onProgress },
    )
    onProgress(1)
    const segments = planSegments(parseCtm(ctm, durationMs))
    return { language, provider: PROVIDER, model: MODELS[effort], durationMs, segments }
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

/** The tag as it was given, where it is English in any of its spellings; unnamed and `und` are taken for it. */
function asEnglish(language = 'en'): string {
  const primary = language.toLowerCase().split(/[-_]/)[0] ?? ''
  if (primary === 'und') return 'en'
  if (['en', 'eng', 'english'].includes(primary)) return language
  throw new FatalError(
    'language-not-supported',
    `the offline recogniser knows English only, and this recording is marked "${language}"; ` +
      'configure a speech provider that knows the language, or correct the mark and try again',
  )
}
