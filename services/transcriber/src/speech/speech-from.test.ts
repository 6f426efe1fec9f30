import { callsWithoutLimits, noCache, providersConfig } from '@app/providers'
import { loadConfig, Secret } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { speechConfig, speechFrom } from './speech-from.ts'

const ALL = { REVAI_ACCESS_TOKEN: 'a', OPENAI_API_KEY: 'b', GEMINI_API_KEY: 'c' }

function speechOf(variables: Record<string, string>) {
  const config = {
    ...loadConfig({ ...providersConfig, ...speechConfig }, variables),
    SIGNING_SECRET: new Secret('a secret'),
    PUBLIC_URL: variables.PUBLIC_URL ?? 'http://127.0.0.1:8080',
  }
  const share = async () => 'https://storage.example/sound'
  return speechFrom(config, {
    calls: callsWithoutLimits(),
    cache: noCache,
    storageUrl: config.PUBLIC_URL,
    share,
  })
}

describe('speechFrom', () => {
  it.each([
    [ALL, 'revai', 'machine'],
    [{ OPENAI_API_KEY: 'b', GEMINI_API_KEY: 'c' }, 'openai', 'gpt-transcribe'],
    [
      { OPENAI_BASE_URL: 'http://127.0.0.1:8000/v1', OPENAI_TRANSCRIBE_MODEL: 'whisper-1' },
      'openai',
      'whisper-1',
    ],
    [{ GEMINI_API_KEY: 'c' }, 'gemini', 'gemini-3.5-flash-lite'],
    [{}, 'pocketsphinx', 'en-us'],
    [{ POCKETSPHINX_EFFORT: 'fast' }, 'pocketsphinx', 'en-us fast'],
    [{ POCKETSPHINX_EFFORT: 'draft' }, 'pocketsphinx', 'en-us draft'],
    [{ ...ALL, TRANSCRIBE_PROVIDER: 'gemini' }, 'gemini', 'gemini-3.5-flash-lite'],
    [{ ...ALL, TRANSCRIBE_PROVIDER: 'offline' }, 'pocketsphinx', 'en-us'],
  ])('takes of %j the provider %s', (variables: Record<string, string>, provider, model) => {
    expect(speechOf(variables)()).toMatchObject({ provider, model })
  })

  it('gives a job the provider that it names', () => {
    expect(speechOf(ALL)('gemini').provider).toBe('gemini')
    expect(speechOf(ALL)('offline').provider).toBe('pocketsphinx')
  })

  it.each([
    [
      { TRANSCRIBE_PROVIDER: 'revai' },
      'TRANSCRIBE_PROVIDER is revai, which is not configured: set REVAI_ACCESS_TOKEN',
    ],
    [
      { TRANSCRIBE_FALLBACK: 'gemini' },
      'TRANSCRIBE_FALLBACK names gemini, which is not configured: set GEMINI_API_KEY',
    ],
  ])('refuses at the start what is not configured: %j', (variables: Record<string, string>, message) => {
    expect(() => speechOf(variables)).toThrow(message)
  })

  it('refuses a job that names a provider which is not configured, naming the variable', () => {
    expect(() => speechOf({})('openai')).toThrow(
      'the job asks for openai, which is not configured: set OPENAI_API_KEY',
    )
  })

  it('falls back where that is configured, and not for a job that names its provider', () => {
    const speech = speechOf({ ...ALL, TRANSCRIBE_FALLBACK: 'openai,offline' })

    // What all three can read.
    expect(speech().capabilities.formats).toEqual(['wav'])
    expect(speech('revai').capabilities.formats[0]).toBe('opus')
  })

  it.each([
    ['http://127.0.0.1:8080', ['bytes']],
    ['https://books.example', ['url', 'bytes']],
  ])('gives Rev.ai an address only where it can reach it: %s', (PUBLIC_URL, inputs) => {
    expect(speechOf({ ...ALL, PUBLIC_URL })().capabilities.inputs).toEqual(inputs)
  })
})
