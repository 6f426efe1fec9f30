import { describe, expect, it } from 'vitest'
import { speechFrom } from './speech-from.ts'

describe('speechFrom', () => {
  it.each(['auto', 'offline'] as const)('stays on this machine by default (%s)', (provider) => {
    expect(speechFrom({ TRANSCRIBE_PROVIDER: provider })).toMatchObject({
      provider: 'pocketsphinx',
      model: 'en-us',
    })
  })

  it.each(['revai', 'openai', 'gemini'] as const)(
    'refuses %s until it is built, naming the variable',
    (provider) => {
      expect(() => speechFrom({ TRANSCRIBE_PROVIDER: provider })).toThrow(`TRANSCRIBE_PROVIDER=${provider}`)
    },
  )
})
