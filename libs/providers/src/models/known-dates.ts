import type { ProviderName } from '../providers-config.ts'

/**
 * When the providers end models of theirs, as announced by 20 November 2026: OpenAI's in the types of its SDK (7.55)
 * and on its page of deprecations, Gemini's on its page of models and as third parties quoted it. OpenAI's list of
 * models says it as well; Gemini's does not.
 */
const ENDS: Record<ProviderName, Record<string, string>> = {
  openai: {
    'gpt-4.1': '2027-01-14',
    'gpt-4.1-mini': '2027-01-14',
    'gpt-4o': '2027-01-14',
    'gpt-4o-mini': '2027-01-14',
    'whisper-1': '2027-02-26',
    'gpt-4o-transcribe': '2027-02-26',
    'gpt-4o-mini-transcribe': '2027-02-26',
    'gpt-4o-transcribe-diarize': '2027-02-26',
  },
  gemini: {
    'gemini-2.5-flash': '2026-12-01',
    'gemini-2.5-pro': '2026-12-01',
    'gemini-3.1-flash-lite': '2027-05-07',
    'text-embedding-004': '2026-01-14',
  },
  revai: {},
}

/** The day, as `YYYY-MM-DD`, on which this model ends; undefined where none is announced. A dated one ends with its name. */
export const knownEnd = (provider: ProviderName, model: string): string | undefined =>
  ENDS[provider][model] ?? ENDS[provider][model.replace(/-\d{4}-\d{2}-\d{2}$/, '')]
