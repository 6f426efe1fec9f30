import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wavHeader } from '@app/media'
import { callsWithoutLimits, type ProviderCalls, type ProvidersConfig, providersConfig } from '@app/providers'
import { loadConfig, Secret } from '@app/runtime'
import { type Sandbox, type SandboxOptions, startSandbox } from '@app/sandbox'
import type { Sound, SpeechToText } from '../speech/port.ts'
import { prepareSound } from '../speech/prepare-sound.ts'

/** From Moby-Dick (1851), chapter 1. */
export const SPOKEN_TEXT =
  'Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and ' +
  'nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.'

const SPOKEN_S = 12
const SILENCE_S = 5
const SAMPLE_RATE = 16_000

export type SpeechSandbox = Awaited<ReturnType<typeof speechSandbox>>

/** Local providers that know what is said, sounds for them to hear, and the configuration that leads to them. */
export async function speechSandbox(options: SandboxOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'speech-sandbox-'))
  const knows = ({ durationMs }: { durationMs: number }) => (durationMs > SILENCE_S * 1500 ? SPOKEN_TEXT : '')
  const sandbox = await startSandbox({ knows, ...options })
  const made = new Map<string, Promise<Sound>>()

  return {
    sandbox,
    config: configOf(sandbox),

    /** The sound as this provider takes it; encoded once for all that take the same. */
    sound(speech: SpeechToText, of: 'spoken' | 'silence' = 'spoken'): Promise<Sound> {
      const { formats } = speech.capabilities
      const key = `${of}-${formats.join('-')}`
      const sound = made.get(key) ?? makeSound(join(directory, key), speech, of)
      made.set(key, sound)
      return sound
    },

    async [Symbol.asyncDispose]() {
      await sandbox.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function makeSound(directory: string, speech: SpeechToText, of: 'spoken' | 'silence'): Promise<Sound> {
  await mkdir(directory)
  const wav = join(directory, 'sound.wav')
  await writeFile(wav, of === 'spoken' ? bursts(SPOKEN_S, 4_000) : bursts(SILENCE_S, 0))
  return await prepareSound(wav, { limits: speech.capabilities, signal: new AbortController().signal })
}

function configOf({ keys, ...sandbox }: Sandbox): ProvidersConfig {
  return loadConfig(providersConfig, {
    ...{ OPENAI_API_KEY: keys.openai, OPENAI_BASE_URL: sandbox.openaiBaseUrl },
    ...{ GEMINI_API_KEY: keys.gemini, GEMINI_BASE_URL: sandbox.geminiBaseUrl },
    ...{ REVAI_ACCESS_TOKEN: keys.revai, REVAI_BASE_URL: sandbox.revaiBaseUrl },
  })
}

/** Calls that keep no limits; those that carry the sound to where it is heard end after this time, where one is given. */
export function testCalls(config: ProvidersConfig, timeoutMs?: number): ProviderCalls {
  const secrets = [config.OPENAI_API_KEY, config.GEMINI_API_KEY, config.REVAI_ACCESS_TOKEN]
  const calls = callsWithoutLimits(secrets.filter((secret) => secret instanceof Secret))
  if (timeoutMs === undefined) return calls
  return {
    run: (call, work) => calls.run(call.operation === 'transcribe' ? { ...call, timeoutMs } : call, work),
  }
}

/** A WAV of so many seconds: two seconds of a tone, half a second of silence, and so on. */
function bursts(seconds: number, amplitude: number): Buffer {
  const count = seconds * SAMPLE_RATE
  const samples = Int16Array.from({ length: count }, (_, index) =>
    (index / SAMPLE_RATE) % 2.5 < 2 ? Math.round(amplitude * Math.sin(index / 10)) : 0,
  )
  const header = wavHeader({ sampleRate: SAMPLE_RATE, dataBytes: samples.byteLength })
  return Buffer.concat([header, Buffer.from(samples.buffer)])
}
