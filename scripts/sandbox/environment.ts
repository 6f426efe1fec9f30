import type { Sandbox } from '@app/sandbox'

type Addresses = Pick<Sandbox, 'keys' | 'openaiBaseUrl' | 'geminiBaseUrl' | 'revaiBaseUrl'>

/** The variables by which services take the sandbox for the three providers. */
export function environmentOf({
  keys,
  openaiBaseUrl,
  geminiBaseUrl,
  revaiBaseUrl,
}: Addresses): Record<string, string> {
  return {
    ...{ OPENAI_API_KEY: keys.openai, OPENAI_BASE_URL: openaiBaseUrl },
    ...{ GEMINI_API_KEY: keys.gemini, GEMINI_BASE_URL: geminiBaseUrl },
    ...{ REVAI_ACCESS_TOKEN: keys.revai, REVAI_BASE_URL: revaiBaseUrl },
  }
}
