import { randomUUID } from 'node:crypto'
import type { Heard } from '../hearing/heard.ts'
import type { Answer, Ask } from '../server/wire.ts'
import { countTokens } from '../writing/count-tokens.ts'
import { writeAnswer } from '../writing/write-answer.ts'
import { GenerateRequest, textOfContent } from './contents.ts'
import { invalidArgument } from './errors.ts'
import { type GivenSound, soundOf } from './given-sound.ts'

/** What Gemini counts for sound. */
const TOKENS_PER_SECOND = 32
const MAX_INPUT_TOKENS = 1_048_576

/** `POST /models/{model}:generateContent`: transcribes the sound it was given, or answers from the text. */
export async function generate(ask: Ask, given: GivenSound): Promise<Answer> {
  const parsed = GenerateRequest.safeParse(ask.body.kind === 'json' ? ask.body.value : undefined)
  if (!parsed.success)
    return invalidArgument(`Invalid JSON payload received. ${parsed.error.issues[0]?.message}`)
  const request = parsed.data
  const sound = await soundOf(request, ask, given)
  if (sound && 'refusal' in sound) return sound.refusal

  const [instructions, content] = [
    textOfContent(request.systemInstruction),
    request.contents.map(textOfContent).join('\n'),
  ]
  const counts = { text: countTokens(instructions + content), audio: audioTokens(sound) }
  if (counts.text + counts.audio > MAX_INPUT_TOKENS) {
    const message = `The input token count (${counts.text + counts.audio}) exceeds the maximum number of tokens allowed (${MAX_INPUT_TOKENS}).`
    return invalidArgument(message)
  }
  const config = request.generationConfig
  const schema =
    config?.responseMimeType === 'application/json'
      ? (config.responseJsonSchema ?? config.responseSchema ?? {})
      : undefined
  const answer = writeAnswer({ instructions, content }, schema, sound)
  return {
    status: 200,
    body: responseBody(ask.params.model ?? '', answer, { counts, most: config?.maxOutputTokens }),
  }
}

/** `POST /models/{model}:countTokens` */
export async function count(ask: Ask, given: GivenSound): Promise<Answer> {
  const parsed = GenerateRequest.safeParse(ask.body.kind === 'json' ? ask.body.value : undefined)
  if (!parsed.success) return invalidArgument('Invalid JSON payload received.')
  const sound = await soundOf(parsed.data, ask, given)
  if (sound && 'refusal' in sound) return sound.refusal
  const text = countTokens(parsed.data.contents.map(textOfContent).join('\n'))
  return { status: 200, body: { totalTokens: text + audioTokens(sound) } }
}

function audioTokens(heard: Heard | undefined): number {
  return heard ? Math.ceil((heard.durationMs / 1000) * TOKENS_PER_SECOND) : 0
}

interface Counted {
  counts: { text: number; audio: number }
  most: number | undefined
}

function responseBody(model: string, answer: string, { counts, most }: Counted) {
  const isCut = most !== undefined && countTokens(answer) > most
  const text = isCut ? answer.slice(0, most * 4) : answer
  const [prompt, said] = [counts.text + counts.audio, countTokens(text)]
  const details = [
    { modality: 'TEXT', tokenCount: counts.text },
    ...(counts.audio > 0 ? [{ modality: 'AUDIO', tokenCount: counts.audio }] : []),
  ]
  return {
    candidates: [
      {
        content: { parts: [{ text }], role: 'model' },
        finishReason: isCut ? 'MAX_TOKENS' : 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      ...{ promptTokenCount: prompt, candidatesTokenCount: said, totalTokenCount: prompt + said },
      promptTokensDetails: details,
    },
    modelVersion: model,
    responseId: randomUUID().replaceAll('-', ''),
  }
}
