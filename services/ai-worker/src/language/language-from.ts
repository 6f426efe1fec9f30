import { FatalError } from '@app/runtime'
import { z } from 'zod'
import { localLanguage } from './local-language.ts'
import type { LanguageModel } from './port.ts'

/** The variables `languageFrom` reads, to be spread into the service's `loadConfig`. */
export const languageConfig = {
  /** `auto` takes the first provider that is configured; with none configured, text stays on this machine. */
  LANGUAGE_PROVIDER: z.enum(['auto', 'local', 'openai', 'gemini']).default('auto'),
}

type LanguageConfig = { LANGUAGE_PROVIDER: z.infer<(typeof languageConfig)['LANGUAGE_PROVIDER']> }

/** Choosing a provider is configuration, never code: this is the only place that knows their names. */
export function languageFrom({ LANGUAGE_PROVIDER: provider }: LanguageConfig): LanguageModel {
  switch (provider) {
    case 'auto':
    case 'local':
      return localLanguage()
    case 'openai':
    case 'gemini':
      throw new FatalError(
        'provider-not-available',
        `LANGUAGE_PROVIDER=${provider} is not built into this version; set it to "local" or leave it out`,
      )
  }
}
