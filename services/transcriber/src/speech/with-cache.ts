import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Segment, Transcript } from '@app/contracts'
import type { AnswerCache } from '@app/providers'
import { z } from 'zod'
import { keptStep } from './kept-step.ts'
import type { Heard, Sound, SpeechToText, TranscribeOptions } from './port.ts'

const HeardAnswer = Transcript.extend({
  segments: z.array(
    Segment.extend({
      averageLogProbability: z.number().optional(),
      noSpeechProbability: z.number().optional(),
    }),
  ),
})

/** The job's step that says what was asked: whoever collects the answer has the sound no more. */
const ASKED = 'speech:asked'
const Asked = z.array(z.unknown())

/**
 * The same sound, model and settings give the same words: they are paid for, or worked out, once while the cache
 * remembers.
 */
export function withCache(speech: SpeechToText, cache: AnswerCache): SpeechToText {
  const { provider, model, resume } = speech
  const remember = (key: readonly unknown[], make: () => Promise<Heard>): Promise<Heard> =>
    cache.cached<Heard>({ kind: 'transcript', key, schema: HeardAnswer as z.ZodType<Heard> }, make)
  return {
    ...speech,
    async transcribe(sound, options) {
      const key = [provider, model, await hashOf(sound, options.signal), settingsOf(speech, options)]
      if (resume) await options.job.step(ASKED, () => key)
      let isNew = false
      const heard = await remember(key, () => {
        isNew = true
        return speech.transcribe(sound, options)
      })
      if (isNew) return heard
      options.onProgress(1)
      return unbilled(heard)
    },
    ...(resume
      ? {
          async resume(options: TranscribeOptions) {
            const heard = await resume(options)
            const key = heard && (await keptStep(options.job, ASKED, Asked))
            return heard && key ? await remember(key, async () => heard) : heard
          },
        }
      : {}),
  }
}

/** Hints count only where they are taken: the names of book and author would keep the same sound apart for nothing. */
export const settingsOf = (
  { capabilities }: SpeechToText,
  { language, vocabulary = [], again }: Pick<TranscribeOptions, 'language' | 'vocabulary' | 'again'>,
) => ({
  language: language ?? null,
  vocabulary: capabilities.ignoresVocabulary ? [] : vocabulary,
  again: again ?? false,
})

/** It was charged when it was made. */
export function unbilled<Kind extends Pick<Heard, 'secondsBilled' | 'costUsd'>>(heard: Kind): Kind {
  const { secondsBilled: _, costUsd: __, ...free } = heard
  return free as Kind
}

async function hashOf({ path }: Sound, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}
