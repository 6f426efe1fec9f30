import { FatalError } from '@app/runtime'
import { z } from 'zod'
import { pocketSphinx } from './pocketsphinx.ts'
import type { SpeechToText } from './port.ts'

/** The variables `speechFrom` reads, to be spread into the service's `loadConfig`. */
export const speechConfig = {
  /** `auto` takes the first provider that is configured; with none configured, speech stays on this machine. */
  TRANSCRIBE_PROVIDER: z.enum(['auto', 'offline', 'revai', 'openai', 'gemini']).default('auto'),
}

type SpeechConfig = { TRANSCRIBE_PROVIDER: z.infer<(typeof speechConfig)['TRANSCRIBE_PROVIDER']> }

/** Choosing a provider is configuration, never code: this is the only place that knows their names. */
export function speechFrom({ TRANSCRIBE_PROVIDER: provider }: SpeechConfig): SpeechToText {
  switch (provider) {
    case 'auto':
    case 'offline':
      return pocketSphinx()
    case 'revai':
    case 'openai':
    case 'gemini':
      throw new FatalError(
        'provider-not-available',
        `TRANSCRIBE_PROVIDER=${provider} is not built into this version; set it to "offline" or leave it out`,
      )
  }
}
