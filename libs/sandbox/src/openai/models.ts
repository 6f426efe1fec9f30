import type { Answer } from '../server/wire.ts'
import { openaiError } from './errors.ts'

/** A model, and the day it ends, where that has been announced. */
export interface OpenaiModel {
  id: string
  shutdownDate?: string
}

/** As announced in November 2026; those without a date had none. */
export const OPENAI_MODELS: readonly OpenaiModel[] = [
  { id: 'gpt-6-luna' },
  { id: 'gpt-5.6-luna' },
  { id: 'gpt-4.1-mini', shutdownDate: '2027-01-14' },
  { id: 'gpt-4o-mini', shutdownDate: '2027-01-14' },
  { id: 'gpt-transcribe' },
  { id: 'whisper-1', shutdownDate: '2027-02-26' },
  { id: 'gpt-4o-transcribe', shutdownDate: '2027-02-26' },
  { id: 'gpt-4o-mini-transcribe', shutdownDate: '2027-02-26' },
  { id: 'text-embedding-3-small' },
  { id: 'text-embedding-3-large' },
]

const CREATED = 1_750_000_000

/** `GET /models` */
export function listModels(models: readonly OpenaiModel[]): Answer {
  return { status: 200, body: { object: 'list', data: models.map(shown) } }
}

/** `GET /models/{model}` */
export function oneModel(models: readonly OpenaiModel[], id: string): Answer {
  const model = models.find((each) => each.id === id)
  return model ? { status: 200, body: shown(model) } : noSuchModel(id)
}

/** What every route says to a model that has ended or never was. */
export function noSuchModel(id: string): Answer {
  const message = `The model \`${id}\` does not exist or you do not have access to it.`
  return openaiError({ status: 404, message, code: 'model_not_found' })
}

function shown({ id, shutdownDate }: OpenaiModel) {
  return { id, object: 'model', created: CREATED, owned_by: 'system', shutdown_date: shutdownDate ?? null }
}
