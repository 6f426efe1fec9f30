import { ProviderStoppedError } from '@app/providers'
import { FatalError, RetryLaterError } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { jobInMemory } from '../testing/job-in-memory.ts'
import type { Heard, Sound, SpeechCapabilities, SpeechToText, TranscribeOptions } from './port.ts'
import { withFallback } from './with-fallback.ts'

const sound: Sound = { path: 'sound.wav', format: 'wav', bytes: 1, durationMs: 1_000, spans: [] }
const options: TranscribeOptions = {
  job: jobInMemory(),
  signal: new AbortController().signal,
  onProgress: () => {},
}
const heardBy = (provider: string): Heard => ({
  ...{ provider, model: 'm', language: 'en', durationMs: 1_000, segments: [] },
})
const stopped = new ProviderStoppedError('check THE_KEY', { waitingFor: 'provider:a', retryAfterMs: 1 })

function speech(provider: string, error?: Error, more: Partial<SpeechCapabilities> = {}): SpeechToText {
  return {
    ...{ provider, model: 'm' },
    capabilities: {
      ...{ wordTimes: true, speakers: true, languages: 'any', inputs: ['bytes'], formats: ['flac', 'wav'] },
      ...more,
    },
    transcribe: async () => {
      if (error) throw error
      return heardBy(provider)
    },
  }
}

describe('withFallback', () => {
  it('asks the next one while one can not be asked, and says so', async () => {
    const chain = withFallback(speech('a', stopped), [speech('b', stopped), speech('c')])

    expect(await chain.transcribe(sound, options)).toEqual({ ...heardBy('c'), insteadOf: 'a' })
  })

  it('says nothing of it while the first one answers', async () => {
    const chain = withFallback(speech('a'), [speech('b')])

    expect(await chain.transcribe(sound, options)).toEqual(heardBy('a'))
  })

  it('fails with what the first one said where none can be asked', async () => {
    const other = new ProviderStoppedError('another', { waitingFor: 'provider:b', retryAfterMs: 1 })
    const chain = withFallback(speech('a', stopped), [speech('b', other)])

    await expect(chain.transcribe(sound, options)).rejects.toBe(stopped)
  })

  it.each([
    new FatalError('audio-format-refused', 'no'),
    new RetryLaterError('submission-unclear', 'later', { retryAfterMs: 1 }),
    new Error('reset'),
  ])('asks nobody else after %s: the sound may be bad, or paid for', async (error) => {
    const chain = withFallback(speech('a', error), [speech('b')])

    await expect(chain.transcribe(sound, options)).rejects.toBe(error)
  })

  it('collects from whoever has the sound', async () => {
    const later = { ...speech('b'), resume: async () => heardBy('b') }
    const chain = withFallback(speech('a', stopped), [later])

    expect(await chain.resume?.(options)).toEqual({ ...heardBy('b'), insteadOf: 'a' })
  })

  it('promises what all of them can do', () => {
    const small = { maxBytes: 5, maxDurationMs: 7, formats: ['wav'] as const, wholeRecordings: true }
    const chain = withFallback(speech('a', undefined, small), [
      speech('b', undefined, { wordTimes: false, maxBytes: 9 }),
    ])

    expect(chain.capabilities).toMatchObject({
      ...{ wordTimes: false, speakers: true, languages: 'any', formats: ['wav'] },
      ...{ maxBytes: 5, maxDurationMs: 7, wholeRecordings: false },
    })
  })
})
