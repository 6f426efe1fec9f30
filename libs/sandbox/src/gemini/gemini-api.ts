import type { Answer, Ask, ProviderApi, Route } from '../server/wire.ts'
import { embed } from './embed.ts'
import { geminiError, noSuchModel, refusedKey } from './errors.ts'
import { fileStore } from './files.ts'
import { count, generate } from './generate.ts'
import type { GivenSound } from './given-sound.ts'
import { type GeminiModel, listModels, oneModel } from './models.ts'

export interface GeminiOptions extends Omit<GivenSound, 'files'> {
  key: string
  models: readonly GeminiModel[]
  processingPolls: number
}

const VERSION = ':version(v1|v1beta)'

/** Gemini below `/v1` and `/v1beta`, its uploads below `/upload`. */
export function geminiApi({ key, models, processingPolls, ears, directory }: GeminiOptions): ProviderApi {
  const files = fileStore({ directory, processingPolls })
  const given = { ears, directory, files }
  const withModel = (verb: string, method: string, answer: (ask: Ask) => Answer | Promise<Answer>) => {
    const path = `/${VERSION}/models/:model\\:${verb}`
    const checked = (ask: Ask) => {
      const { model = '', version = '' } = ask.params
      const known = models.find(({ name }) => name === model)
      const isAble = known?.methods.some((each) => each === method)
      return isAble ? answer(ask) : noSuchModel(model, version, method)
    }
    return { method: 'POST' as const, path, answer: checked }
  }
  const routes: Route[] = [
    {
      name: 'gemini.generate',
      ...withModel('generateContent', 'generateContent', (ask) => generate(ask, given)),
    },
    { name: 'gemini.count', ...withModel('countTokens', 'countTokens', (ask) => count(ask, given)) },
    { name: 'gemini.embed', ...withModel('batchEmbedContents', 'embedContent', embed) },
    { name: 'gemini.models', method: 'GET', path: `/${VERSION}/models`, answer: () => listModels(models) },
    {
      name: 'gemini.model',
      method: 'GET',
      path: `/${VERSION}/models/:model`,
      answer: ({ params }) => oneModel(models, params.model ?? '', params.version ?? ''),
    },
    { name: 'gemini.upload', method: 'POST', path: `/upload/${VERSION}/files`, answer: files.start },
    {
      name: 'gemini.upload-chunk',
      method: 'POST',
      path: `/upload/${VERSION}/files/:upload`,
      answer: files.chunk,
    },
    { name: 'gemini.files', method: 'GET', path: `/${VERSION}/files`, answer: files.list },
    { name: 'gemini.file', method: 'GET', path: `/${VERSION}/files/:file`, answer: files.show },
    { name: 'gemini.delete-file', method: 'DELETE', path: `/${VERSION}/files/:file`, answer: files.remove },
  ]
  return {
    name: 'gemini',
    routes,
    refuse: ({ headers, query }) =>
      refusedKey(headers['x-goog-api-key'] ?? query.get('key') ?? undefined, key),
    notFound: (path) =>
      geminiError(404, 'NOT_FOUND', `The requested URL ${path} was not found on this server.`),
    broken: () => geminiError(500, 'INTERNAL', 'An internal error has occurred.'),
  }
}
