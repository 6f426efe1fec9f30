import type { Answer } from '../server/wire.ts'
import { noSuchModel } from './errors.ts'

export interface GeminiModel {
  name: string
  methods: readonly ('generateContent' | 'countTokens' | 'embedContent')[]
}

const GENERATES = ['generateContent', 'countTokens'] as const

/** As listed in November 2026. Gemini's list names no day on which a model ends. */
export const GEMINI_MODELS: readonly GeminiModel[] = [
  { name: 'gemini-3.8-flash', methods: GENERATES },
  { name: 'gemini-3.5-flash', methods: GENERATES },
  { name: 'gemini-3.5-flash-lite', methods: GENERATES },
  { name: 'gemini-3.1-flash-lite', methods: GENERATES },
  { name: 'gemini-2.5-flash-lite', methods: GENERATES },
  { name: 'gemini-embedding-2', methods: ['embedContent'] },
  { name: 'gemini-embedding-001', methods: ['embedContent'] },
]

/** `GET /models` */
export function listModels(models: readonly GeminiModel[]): Answer {
  return { status: 200, body: { models: models.map(shown) } }
}

/** `GET /models/{model}` */
export function oneModel(models: readonly GeminiModel[], name: string, version: string): Answer {
  const model = models.find((each) => each.name === name)
  return model ? { status: 200, body: shown(model) } : noSuchModel(name, version, 'generateContent')
}

function shown({ name, methods }: GeminiModel) {
  const isEmbedding = methods.includes('embedContent')
  return {
    name: `models/${name}`,
    ...{ version: '001', displayName: name, description: `${name}, in the sandbox` },
    inputTokenLimit: isEmbedding ? 8192 : 1_048_576,
    outputTokenLimit: isEmbedding ? 1 : 65_536,
    supportedGenerationMethods: [...methods],
    ...(isEmbedding ? {} : { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2 }),
  }
}
