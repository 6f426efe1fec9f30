import { inspect } from 'node:util'
import type { ProviderCalls, ProvidersConfig } from '@app/providers'
import { Secret } from '@app/runtime'
import type { PlannedAnswer, RouteName } from '@app/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hearToEnd } from '../testing/hear-to-end.ts'
import { jobInMemory } from '../testing/job-in-memory.ts'
import { SPOKEN_TEXT, type SpeechSandbox, speechSandbox, testCalls } from '../testing/speech-sandbox.ts'
import type { SpeechToText, TranscribeOptions } from './port.ts'
import { describeSpeechToText } from './speech-to-text.conformance.ts'

/** What becomes of an answer: the class and the code of the error. */
export type Outcome = [
  name: 'FatalError' | 'RetryLaterError' | 'ProviderError' | 'ProviderStoppedError',
  code: string,
]

export interface RemoteProvider {
  /** The adapter, over the real SDK. */
  speech: (config: ProvidersConfig, calls: ProviderCalls) => SpeechToText
  /** The request that the sound goes out with. */
  route: RouteName
  keyVariable: 'OPENAI_API_KEY' | 'GEMINI_API_KEY' | 'REVAI_ACCESS_TOKEN'
  /** Of each class one answer at least. */
  refusals: readonly (readonly [title: string, answer: Omit<PlannedAnswer, 'route'>, outcome: Outcome])[]
  /** What it is where nobody answers in time, and where the connection breaks. */
  noAnswer: Outcome
  /** What a port's suite can't know of the text. */
  maxWordErrorRate?: number
}

/** The port's suite for a provider on the network, against a local one with its wire format. */
export function describeRemotePort(name: string, provider: RemoteProvider): void {
  const local = localWorld()
  describeSpeechToText(name, async () => {
    const world = local()
    const speech = provider.speech(world.config, testCalls(world.config))
    return {
      speech,
      spoken: { ...(await world.sound(speech)), text: SPOKEN_TEXT },
      silence: await world.sound(speech, 'silence'),
      maxWordErrorRate: provider.maxWordErrorRate ?? 0,
    }
  })
}

/** What every provider on the network passes, the port's suite included. */
export function describeRemoteSpeech(name: string, provider: RemoteProvider): void {
  describeRemotePort(name, provider)

  describe(`${name}, as any provider on the network`, () => {
    const { route } = provider
    const local = localWorld()
    const speechOf = ({ config }: SpeechSandbox, timeoutMs?: number): SpeechToText =>
      provider.speech(config, testCalls(config, timeoutMs))

    it.each(provider.refusals)('makes of %s what is to be done', async (_, answer, outcome) => {
      const world = local()
      world.sandbox.nextAnswer({ route, ...answer })

      expect(await failureOf(world, speechOf(world))).toEqual(outcome)
    })

    it('says which variable to look at when its key is refused, and does not say the key', async () => {
      const world = local()
      const key = 'sk-a-wrong-key-of-somebody'
      const config = { ...world.config, [provider.keyVariable]: new Secret(key) }
      const speech = provider.speech(config, testCalls(config))

      const error = await thrownBy(world, speech)

      expect([error.name, error.message]).toEqual([
        'ProviderStoppedError',
        expect.stringContaining(provider.keyVariable),
      ])
      expect(inspect(error, { depth: 20 })).not.toContain(key)
    })

    it('gives up when nobody answers in time, and hangs up', async () => {
      await using world = await speechSandbox()
      const asked = world.sandbox.nextAnswer({ route, until: new Promise(() => {}), times: 100 })
      let isMet = false
      void asked.asked.then(() => {
        isMet = true
      })

      // On a busy machine the time may be over before the request is out.
      for (let timeoutMs = 300; !isMet; timeoutMs *= 2) {
        expect(await failureOf(world, speechOf(world, timeoutMs))).toEqual(provider.noAnswer)
      }

      expect(await asked.over).toBe('hung up')
    })

    it.each(['before', 'middle'] as const)('survives a connection that breaks: %s', async (cut) => {
      const world = local()
      world.sandbox.nextAnswer({ route, cut })

      expect(await failureOf(world, speechOf(world))).toEqual([provider.noAnswer[0], expect.any(String)])
    })

    it('ends in the middle of a call with the reason it was given, and hangs up', async () => {
      const world = local()
      const asked = world.sandbox.nextAnswer({ route, until: new Promise(() => {}) })
      const abort = new AbortController()
      const reason = new Error('taken over')

      const heard = thrownBy(world, speechOf(world), { signal: abort.signal })
      await asked.asked
      abort.abort(reason)

      expect(await heard).toBe(reason)
      expect(await asked.over).toBe('hung up')
    })
  })
}

/** One for all tests of a suite. */
function localWorld(): () => SpeechSandbox {
  let world: SpeechSandbox
  beforeAll(async () => {
    world = await speechSandbox()
  })
  afterAll(() => world[Symbol.asyncDispose]())
  return () => world
}

async function failureOf(world: SpeechSandbox, speech: SpeechToText): Promise<[string, unknown]> {
  const error = await thrownBy(world, speech)
  return [error.name, (error as { code?: unknown }).code]
}

async function thrownBy(
  world: SpeechSandbox,
  speech: SpeechToText,
  options: Partial<TranscribeOptions> = {},
): Promise<Error> {
  const { signal } = new AbortController()
  const asked = { job: jobInMemory(), signal, onProgress: () => {}, ...options }
  const heard = hearToEnd(speech, await world.sound(speech), asked)
  const thrown: unknown = await heard.then(
    () => new Error('it was heard'),
    (error: unknown) => error,
  )
  if (!(thrown instanceof Error)) throw new TypeError('what was thrown is no Error')
  return thrown
}
