import { readFile } from 'node:fs/promises'
import {
  costOf,
  geminiAnswerFailure,
  ProviderAnswerError,
  type ProviderCall,
  type ProviderCalls,
  type Usage,
} from '@app/providers'
import { errorCode } from '@app/runtime'
import type { GenerateContentResponse, GoogleGenAI, Part } from '@google/genai'
import { spokenLanguage } from '../../plan/language-tag.ts'
import { planGeminiUtterances } from '../../plan/plan-gemini-utterances.ts'
import { planHeard } from '../../plan/plan-heard.ts'
import { CONTENT_TYPES } from '../content-types.ts'
import type { Heard, Sound, SpeechToText, TranscribeOptions } from '../port.ts'
import { INSTRUCTIONS, SPOKEN_SCHEMA, SpokenAnswer, transcribePrompt } from './transcribe-prompt.ts'
import { withUploadedSound } from './uploaded-sound.ts'

export interface GeminiSpeechOptions {
  /** A client all of whose requests end with the signal. */
  clientFor: (signal: AbortSignal) => GoogleGenAI
  calls: ProviderCalls
  model: string
  /** Larger sound is uploaded first. */
  mostInlineBytes?: number
  pollMs?: number
}

const PROVIDER = 'gemini'
/** A request may have 100 MB since January 2026, 20 before; base64 takes a third more, and memory three times as much. */
const MOST_INLINE_BYTES = 12 * 1024 ** 2
const MOST_BYTES = 2e9
/** It would take nine hours, but its times drift and its answers have an end. */
const MOST_DURATION_MS = 20 * 60_000
const POLL_MS = 1_000
const BASE_MS = 90_000
const MS_PER_SOUND_MS = 0.2
/** What another temperature helps against: a text that it takes for a published one, a loop that fills the answer. */
const ASK_ONCE_MORE = new Set(['answer-recitation', 'answer-cut-off'])

/** Gemini: a language model that listens. Its words are good; of its times only those are believed that can be true. */
export function geminiSpeech(options: GeminiSpeechOptions): SpeechToText {
  const { model, mostInlineBytes = MOST_INLINE_BYTES } = options
  return {
    provider: PROVIDER,
    model,
    capabilities: {
      ...{ wordTimes: false, speakers: true, languages: 'any', inputs: ['bytes'] },
      formats: ['flac', 'wav'],
      ...{ maxBytes: MOST_BYTES, maxDurationMs: MOST_DURATION_MS, otherSettings: true },
    },
    async transcribe(sound, asked) {
      asked.signal.throwIfAborted()
      asked.onProgress(0)
      const call = callFor(model, sound, asked)
      const heard = await (sound.bytes <= mostInlineBytes
        ? ask(options, { sound, asked, call, part: await inlined(sound) })
        : withUploadedSound(sound, { ...options, call, pollMs: options.pollMs ?? POLL_MS }, (fileUri) => {
            const part = { fileData: { fileUri, mimeType: CONTENT_TYPES[sound.format] } }
            return ask(options, { sound, asked, call, part })
          }))
      asked.onProgress(1)
      return heard
    },
  }
}

function callFor(model: string, { durationMs }: Sound, { job, signal }: TranscribeOptions): ProviderCall {
  const { id, ownerId, limits } = job
  const timeoutMs = BASE_MS + Math.ceil(durationMs * MS_PER_SOUND_MS)
  return { provider: PROVIDER, model, operation: 'transcribe', jobId: id, ownerId, limits, signal, timeoutMs }
}

async function inlined({ path, format }: Sound): Promise<Part> {
  return { inlineData: { data: (await readFile(path)).toString('base64'), mimeType: CONTENT_TYPES[format] } }
}

interface Asking {
  sound: Sound
  asked: TranscribeOptions
  call: ProviderCall
  part: Part
}

async function ask(options: GeminiSpeechOptions, asking: Asking): Promise<Heard> {
  const once = (temperature: number) =>
    options.calls.run(asking.call, (signal) => generate(options, asking, { signal, temperature }))
  if (asking.asked.again) return await once(0.5)
  return await once(0).catch((error) => {
    if (ASK_ONCE_MORE.has(errorCode(error) ?? '')) return once(0.5)
    throw error
  })
}

async function generate(
  { clientFor, model }: GeminiSpeechOptions,
  { sound, asked, part }: Asking,
  { signal, temperature }: { signal: AbortSignal; temperature: number },
) {
  const prompt = transcribePrompt(asked.language, asked.vocabulary ?? [])
  const response = await clientFor(signal).models.generateContent({
    model,
    contents: [{ role: 'user', parts: [part, { text: prompt }] }],
    config: {
      ...{ systemInstruction: INSTRUCTIONS, temperature, abortSignal: signal },
      ...{ responseMimeType: 'application/json', responseJsonSchema: SPOKEN_SCHEMA },
    },
  })
  const usage = usageOf(response)
  const failure = geminiAnswerFailure(response)
  if (failure) throw new ProviderAnswerError(failure, usage)
  const spoken = SpokenAnswer.parse(JSON.parse(response.text ?? ''))
  return { value: heardOf(model, { sound, asked, spoken, usage }), usage }
}

function heardOf(
  model: string,
  { sound, asked, spoken, usage }: Pick<Asking, 'sound' | 'asked'> & { spoken: SpokenAnswer; usage: Usage },
): Heard {
  const { durationMs } = sound
  const costUsd = costOf({ provider: PROVIDER, model }, usage, new Date())
  return {
    language: spokenLanguage(asked.language, spoken.language),
    ...{ provider: PROVIDER, model, durationMs },
    segments: planHeard(planGeminiUtterances(spoken.segments, sound), sound),
    secondsBilled: Math.ceil(durationMs / 1000),
    ...(costUsd === undefined ? {} : { costUsd }),
  }
}

function usageOf({ usageMetadata: used }: GenerateContentResponse): Usage {
  return {
    inputTokens: used?.promptTokenCount,
    cachedInputTokens: used?.cachedContentTokenCount,
    outputTokens: (used?.candidatesTokenCount ?? 0) + (used?.thoughtsTokenCount ?? 0),
  }
}
