import { geminiClient, openaiClient, type Providers, type ProvidersConfig, setupOf } from '@app/providers'
import { FatalError } from '@app/runtime'
import { z } from 'zod'
import { geminiChat } from './gemini-chat.ts'
import { localLanguage } from './local-language.ts'
import { openaiChat } from './openai-chat.ts'
import type { LanguageModel } from './port.ts'
import { remoteLanguage } from './remote-language.ts'

/** The variables `languageFrom` reads beside `providersConfig`, to be spread into the service's `loadConfig`. */
export const languageConfig = {
  /** `auto` takes the first that is configured of openai, gemini; with none configured, text stays on this machine. */
  LANGUAGE_PROVIDER: z.enum(['auto', 'local', 'openai', 'gemini']).default('auto'),
  /** Tokens of question and answer together that OPENAI_LANGUAGE_MODEL takes; for models behind compatible servers. */
  OPENAI_LANGUAGE_WINDOW: z.coerce.number().int().min(4_096).max(2_000_000).optional(),
}

type LanguageConfig = ProvidersConfig & z.infer<z.ZodObject<typeof languageConfig>>

/** Choosing a provider is configuration, never code: this is the only place that knows their names. */
export function languageFrom(
  config: LanguageConfig,
  { calls, cache }: Pick<Providers, 'calls' | 'cache'>,
): LanguageModel {
  switch (chosen(config)) {
    case 'openai': {
      const { OPENAI_LANGUAGE_MODEL: model, OPENAI_LANGUAGE_WINDOW: windowTokens } = config
      return remoteLanguage({
        chat: openaiChat({ client: openaiClient(config), calls, model, windowTokens }),
        cache,
      })
    }
    case 'gemini': {
      const { GEMINI_LANGUAGE_MODEL: model } = config
      return remoteLanguage({ chat: geminiChat({ client: geminiClient(config), calls, model }), cache })
    }
    case 'local':
      return localLanguage()
  }
}

/** Error: `provider-not-configured`, where a provider is named whose key is missing. */
function chosen(config: LanguageConfig): 'openai' | 'gemini' | 'local' {
  const { LANGUAGE_PROVIDER: named } = config
  if (named === 'auto')
    return (['openai', 'gemini'] as const).find((each) => setupOf(config, each)) ?? 'local'
  if (named === 'local' || setupOf(config, named)) return named
  throw new FatalError(
    'provider-not-configured',
    `LANGUAGE_PROVIDER=${named} needs ${named === 'openai' ? 'OPENAI_API_KEY' : 'GEMINI_API_KEY'}`,
  )
}
