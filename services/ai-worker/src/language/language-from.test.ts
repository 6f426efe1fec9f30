import { callsWithoutLimits, noCache, providersConfig } from '@app/providers'
import { loadConfig } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { languageConfig, languageFrom } from './language-from.ts'

const from = (env: Record<string, string>) =>
  languageFrom(loadConfig({ ...providersConfig, ...languageConfig }, env), {
    ...{ calls: callsWithoutLimits(), cache: noCache },
  })

const OPENAI = { OPENAI_API_KEY: 'sk-openai' }
const GEMINI = { GEMINI_API_KEY: 'AIza-gemini' }

describe('languageFrom', () => {
  it.each([
    ['this machine where nothing is configured', {}, { provider: 'local' }],
    ['openai first', { ...OPENAI, ...GEMINI }, { provider: 'openai', model: 'gpt-6-luna' }],
    ['gemini where only that is configured', GEMINI, { provider: 'gemini', model: 'gemini-3.5-flash-lite' }],
    ['what is named', { ...OPENAI, ...GEMINI, LANGUAGE_PROVIDER: 'gemini' }, { provider: 'gemini' }],
    ['this machine where that is named', { ...OPENAI, LANGUAGE_PROVIDER: 'local' }, { provider: 'local' }],
    [
      'a model that is named',
      { ...OPENAI, OPENAI_LANGUAGE_MODEL: 'gpt-4.1-mini' },
      { model: 'gpt-4.1-mini' },
    ],
    ['a server without a key', { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }, { provider: 'openai' }],
  ])('takes %s', (_, env, expected) => {
    expect(from(env)).toMatchObject(expected)
  })

  it('refuses a provider that is named without its key, by the name of the variable', () => {
    expect(() => from({ ...OPENAI, LANGUAGE_PROVIDER: 'gemini' })).toThrow('GEMINI_API_KEY')
  })
})
