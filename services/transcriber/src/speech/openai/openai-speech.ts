import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { costOf, type ProviderCall, type ProviderCalls } from '@app/providers'
import type OpenAI from 'openai'
import type { TranscriptionCreateParamsNonStreaming } from 'openai/resources/audio/transcriptions'
import { primaryLanguage, spokenLanguage } from '../../plan/language-tag.ts'
import { planHeard } from '../../plan/plan-heard.ts'
import { planOpenAiHints } from '../../plan/plan-openai-hints.ts'
import { planWhisper } from '../../plan/plan-whisper.ts'
import { CONTENT_TYPES } from '../content-types.ts'
import type { Heard, Sound, SpeechCapabilities, SpeechToText, TranscribeOptions } from '../port.ts'
import { OpenAiAnswer, usageOf } from './openai-answer.ts'

export interface OpenAiSpeechOptions {
  client: OpenAI
  calls: ProviderCalls
  model: string
  /** Whether it is OpenAI's own server: others that speak its API may read less. */
  isOfficial: boolean
}

const PROVIDER = 'openai'
/** 26,214,400 bytes for the whole request. */
const MOST_BYTES = 25 * 1024 ** 2 - 64 * 1024
/** Models other than Whisper refuse more than 1400 s, and what was cut to 1400 s comes out a little longer. */
const MOST_DURATION_MS = 1_390_000
const BASE_MS = 60_000
/** Half an hour of sound takes a minute or two. */
const MS_PER_SOUND_MS = 0.25

/** OpenAI's transcription, and every server that speaks it: the sound goes out and the words come back in one call. */
export function openAiSpeech(options: OpenAiSpeechOptions): SpeechToText {
  const { calls, model } = options
  return {
    provider: PROVIDER,
    model,
    capabilities: capabilitiesOf(options),
    async transcribe(sound, asked) {
      asked.signal.throwIfAborted()
      asked.onProgress(0)
      const heard = await calls.run(callFor(model, sound, asked), (signal) =>
        ask(options, { sound, asked, signal }),
      )
      asked.onProgress(1)
      return heard
    },
  }
}

/** Whisper alone gives times, in a format that the others do not have. */
const isWhisper = (model: string): boolean => /whisper/i.test(model)

function capabilitiesOf({ model, isOfficial }: OpenAiSpeechOptions): SpeechCapabilities {
  return {
    ...{ wordTimes: isWhisper(model), speakers: false, languages: 'any', inputs: ['bytes'] },
    // whisper.cpp's server reads WAV only.
    formats: isOfficial ? ['flac', 'opus', 'wav'] : ['wav', 'flac', 'opus'],
    maxBytes: MOST_BYTES,
    ...(isOfficial && isWhisper(model) ? {} : { maxDurationMs: MOST_DURATION_MS }),
    otherSettings: true,
  }
}

function callFor(model: string, { durationMs }: Sound, { job, signal }: TranscribeOptions): ProviderCall {
  const { id, ownerId, limits } = job
  const timeoutMs = BASE_MS + Math.ceil(durationMs * MS_PER_SOUND_MS)
  return { provider: PROVIDER, model, operation: 'transcribe', jobId: id, ownerId, limits, signal, timeoutMs }
}

async function ask(
  { client, model }: OpenAiSpeechOptions,
  { sound, asked, signal }: { sound: Sound; asked: TranscribeOptions; signal: AbortSignal },
) {
  const file = await fileOf(sound)
  const params = { file, model, ...settingsOf(model, asked) }
  const { data, response } = await client.audio.transcriptions.create(params, { signal }).withResponse()
  const answer = OpenAiAnswer.parse(data)
  const usage = usageOf(answer, sound.durationMs)
  const value: Heard = {
    language: spokenLanguage(asked.language, answer.language ?? answer.languages?.[0]?.code),
    ...{ provider: PROVIDER, model, durationMs: sound.durationMs },
    segments: planHeard(planWhisper(answer), sound),
    ...(usage.seconds === undefined ? {} : { secondsBilled: usage.seconds }),
    ...costed(model, usage),
  }
  return { value, usage, headers: response.headers }
}

/** Not a stream: the SDK can't send one again. The name's ending says what is in it. */
async function fileOf({ path, format }: Sound): Promise<File> {
  const type = CONTENT_TYPES[format]
  return new File([await openAsBlob(path, { type })], basename(path), { type })
}

function settingsOf(
  model: string,
  asked: TranscribeOptions,
): Omit<TranscriptionCreateParamsNonStreaming, 'file' | 'model'> {
  const language = primaryLanguage(asked.language)
  // Hints that were misread for speech are one reason to hear it again.
  const hints = asked.again ? {} : planOpenAiHints(model, asked.vocabulary ?? [])
  if (!isWhisper(model)) {
    const named = model.startsWith('gpt-transcribe')
      ? { languages: [language ?? ''] }
      : { language: language ?? '' }
    return { response_format: 'json', ...(language === undefined ? {} : named), ...hints }
  }
  return {
    response_format: 'verbose_json',
    timestamp_granularities: ['word', 'segment'],
    ...(language === undefined ? {} : { language }),
    // Zero lets it choose for itself, and it chose a loop.
    ...(asked.again ? { temperature: 0.4 } : {}),
    ...hints,
  }
}

function costed(model: string, usage: ReturnType<typeof usageOf>): { costUsd?: number } {
  const costUsd = costOf({ provider: PROVIDER, model }, usage, new Date())
  return costUsd === undefined ? {} : { costUsd }
}
