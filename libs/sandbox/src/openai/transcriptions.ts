import path from 'node:path'
import type { Word } from '@app/contracts'
import type { Ears } from '../hearing/ears.ts'
import { type Heard, phrasesOf, textOf } from '../hearing/heard.ts'
import type { Answer, Ask, ReceivedFile } from '../server/wire.ts'
import { captions } from '../writing/captions.ts'
import { countTokens } from '../writing/count-tokens.ts'
import { invalid, openaiError } from './errors.ts'

/** The documented size limit of a request's file. */
export const MAX_FILE_BYTES = 25 * 1024 ** 2
/** Of every model but whisper-1. */
export const MAX_SECONDS = 1400
const MIN_MS = 100
const EXTENSIONS = ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']
const NAMES: Record<string, string> = {
  en: 'english',
  de: 'german',
  fr: 'french',
  es: 'spanish',
  it: 'italian',
}

/** `POST /audio/transcriptions` */
export async function transcribe(ask: Ask, ears: Ears): Promise<Answer> {
  if (ask.body.kind !== 'form') return invalid('Could not parse multipart form', 'file')
  const { fields, files } = ask.body
  const file = files.find(({ field }) => field === 'file')
  const model = fields.model?.[0]
  if (!file) return invalid("Missing required parameter: 'file'.", 'file', 'missing_required_parameter')
  if (!model) return invalid("Missing required parameter: 'model'.", 'model', 'missing_required_parameter')
  const form = {
    model,
    format: fields.response_format?.[0] ?? 'json',
    granularities: granularitiesOf(fields),
  }
  const refused = refusedFormat(form) ?? refusedFile(file)
  if (refused) return refused

  const durationMs = await ears.durationMs(file.path, ask.signal)
  const tooLong = refusedLength(durationMs, model)
  if (durationMs === undefined || tooLong) return tooLong ?? badFormat()
  const language = fields.language?.[0] ?? fields['languages[]']?.[0] ?? fields.languages?.[0]
  const heard = await ears.hear({ ...file, durationMs }, { language, signal: ask.signal })
  return { status: 200, ...written(form, heard) }
}

interface Form {
  model: string
  format: string
  granularities: readonly string[]
}

function granularitiesOf(fields: Record<string, string[]>): string[] {
  return fields['timestamp_granularities[]'] ?? fields.timestamp_granularities ?? []
}

function refusedFormat({ model, format, granularities }: Form): Answer | undefined {
  const formats = model === 'whisper-1' ? ['json', 'text', 'srt', 'verbose_json', 'vtt'] : ['json', 'text']
  if (!formats.includes(format)) {
    const message = `response_format '${format}' is not compatible with model '${model}'. Use 'json' or 'text' instead.`
    return invalid(message, 'response_format', 'unsupported_value')
  }
  if (granularities.length > 0 && format !== 'verbose_json')
    return invalid(
      'timestamp_granularities is only supported with verbose_json',
      'timestamp_granularities',
      'invalid_value',
    )
  return undefined
}

function refusedFile({ name, sizeBytes }: ReceivedFile): Answer | undefined {
  if (sizeBytes > MAX_FILE_BYTES) {
    const message = `413: Maximum content size limit (${MAX_FILE_BYTES}) exceeded (${sizeBytes} bytes read)`
    return openaiError({ status: 413, message, type: 'server_error' })
  }
  const extension = path.extname(name).slice(1).toLowerCase()
  return EXTENSIONS.includes(extension) ? undefined : badFormat()
}

function refusedLength(durationMs: number | undefined, model: string): Answer | undefined {
  if (durationMs === undefined) return badFormat()
  if (durationMs < MIN_MS) {
    return invalid('Audio file is too short. Minimum audio length is 0.1 seconds.', 'file', 'audio_too_short')
  }
  if (model === 'whisper-1' || durationMs <= MAX_SECONDS * 1000) return undefined
  const message = `audio duration ${durationMs / 1000} seconds is longer than ${MAX_SECONDS} seconds which is the maximum for this model`
  return invalid(message, 'file', 'invalid_value')
}

function badFormat(): Answer {
  const message = `Invalid file format. Supported formats: [${EXTENSIONS.map((name) => `'${name}'`).join(', ')}]`
  return invalid(message, 'file')
}

function written({ model, format, granularities }: Form, heard: Heard): Pick<Answer, 'headers' | 'body'> {
  const text = textOf(heard.words)
  switch (format) {
    case 'text':
      return { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${text}\n` }
    case 'srt':
    case 'vtt':
      return { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: captions(heard.words, format) }
    case 'verbose_json':
      return { body: verbose(heard, granularities) }
    default:
      return { body: { text, ...languagesOf(model, heard), usage: usageOf(model, heard) } }
  }
}

/** `["word"]` alone gives words and no segments. */
function verbose({ words, durationMs, language }: Heard, granularities: readonly string[]) {
  const wantsWords = granularities.includes('word')
  return {
    task: 'transcribe',
    language: NAMES[language] ?? language,
    duration: durationMs / 1000,
    text: textOf(words),
    ...(!wantsWords || granularities.includes('segment') ? { segments: phrasesOf(words).map(segment) } : {}),
    ...(wantsWords ? { words: words.map(word) } : {}),
    usage: { type: 'duration', seconds: Math.ceil(durationMs / 1000) },
  }
}

function word({ text, startMs, endMs }: Word) {
  // As whisper-1 gives them: bare of stops.
  return { word: text.replace(/[.,!?;:]+$/, ''), start: startMs / 1000, end: endMs / 1000 }
}

function segment(words: Word[], index: number) {
  const [start, end] = [(words[0]?.startMs ?? 0) / 1000, (words.at(-1)?.endMs ?? 0) / 1000]
  const certainty = words.reduce((sum, each) => sum + (each.confidence ?? 1), 0) / words.length
  return {
    ...{ id: index, seek: Math.floor(start / 30) * 3000, start, end, text: ` ${textOf(words)}` },
    ...{ tokens: [50_364], temperature: 0, compression_ratio: 1.3, no_speech_prob: 0.01 },
    avg_logprob: Math.max(-0.9, Math.log(Math.max(0.01, certainty)) / 4),
  }
}

function languagesOf(model: string, { language, words }: Heard) {
  if (model !== 'gpt-transcribe') return {}
  return { languages: words.length > 0 ? [{ code: language }] : [] }
}

/** By the minute for whisper-1 and gpt-transcribe, by tokens for the gpt-4o family: callers meet both. */
function usageOf(model: string, { durationMs, words }: Heard) {
  const seconds = Math.ceil(durationMs / 1000)
  if (!model.startsWith('gpt-4o')) return { type: 'duration', seconds }
  const [audio, output] = [seconds * 10, countTokens(textOf(words))]
  const details = { text_tokens: 0, audio_tokens: audio }
  return {
    type: 'tokens',
    input_tokens: audio,
    input_token_details: details,
    output_tokens: output,
    total_tokens: audio + output,
  }
}
