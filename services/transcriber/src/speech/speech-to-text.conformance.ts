import { Transcript, wordErrorRate } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { hearToEnd } from '../testing/hear-to-end.ts'
import { jobInMemory } from '../testing/job-in-memory.ts'
import type { Sound, SpeechToText } from './port.ts'

/** What a suite needs of the world: an implementation, and sounds it can read. */
export interface SpeechWorld {
  speech: SpeechToText
  /** Clear English of at least ten seconds. */
  spoken: Sound & { text: string }
  /** A few words: what is heard a second time where that takes long. Default: `spoken`. */
  brief?: Sound
  /** At least five seconds without a voice. */
  silence: Sound
  /** The most of `spoken` that may be misheard. */
  maxWordErrorRate: number
}

/** Every speech-to-text provider passes this, so a worker need not know which one it has. */
export function describeSpeechToText(name: string, world: () => Promise<SpeechWorld>): void {
  describe(`${name}, as any speech-to-text provider`, () => {
    let once: Promise<Heard> | undefined
    /** The same recording, heard once for all who only look at what came of it: hearing takes seconds. */
    const heard = () => {
      once ??= world().then(hear)
      return once
    }

    it('answers the words that were said, and who heard them', async () => {
      const { speech, spoken, maxWordErrorRate } = await world()

      const { transcript } = await heard()

      const text = transcript.segments.map((segment) => segment.text).join(' ')
      expect(wordErrorRate(spoken.text, text)).toBeLessThanOrEqual(maxWordErrorRate)
      expect(Transcript.parse(transcript)).toMatchObject({ provider: speech.provider, model: speech.model })
      expect(Math.abs(transcript.durationMs - spoken.durationMs)).toBeLessThanOrEqual(50)
    })

    it('gives times in order, inside the recording and inside their segment', async () => {
      const { speech } = await world()

      const { segments, durationMs } = (await heard()).transcript

      expect(segments.length).toBeGreaterThan(0)
      expectOrdered(segments, { startMs: 0, endMs: durationMs })
      for (const segment of segments) {
        expect(segment.words.length).toBeGreaterThan(0)
        expect(segment.timesEstimated ?? false).toBe(!speech.capabilities.wordTimes)
        expectOrdered(segment.words, segment)
      }
    })

    it('reports progress that never goes back and ends at 1', async () => {
      const { reported } = await heard()

      expect(reported.at(-1)).toBe(1)
      expect(reported).toEqual(reported.toSorted((a, b) => a - b))
      expect(reported.every((progress) => progress >= 0 && progress <= 1)).toBe(true)
    })

    it('keeps the language the user named', async () => {
      const { speech, spoken, brief = spoken } = await world()

      const transcript = await hearToEnd(speech, brief, { ...quietly(), language: 'en-GB' })

      expect(transcript.language).toBe('en-GB')
    })

    it('makes no sentences up in silence', async () => {
      const { speech, silence } = await world()

      const { segments } = await hearToEnd(speech, silence, quietly())

      expect(segments.flatMap((segment) => segment.words).length).toBeLessThanOrEqual(2)
    })

    it('stops in the middle with the reason it was given', async () => {
      const { speech, spoken } = await world()
      const abort = new AbortController()
      const reason = new Error('taken over')

      const heard = speech.transcribe(spoken, {
        job: jobInMemory(),
        signal: abort.signal,
        onProgress: () => abort.abort(reason),
      })

      await expect(heard).rejects.toBe(reason)
    })

    it('does not begin when it was already stopped', async () => {
      const { speech, spoken } = await world()
      const reason = new Error('too late')

      const heard = speech.transcribe(spoken, { ...quietly(), signal: AbortSignal.abort(reason) })

      await expect(heard).rejects.toBe(reason)
    })

    it('refuses a language it has no model for, by code', async () => {
      const { speech, spoken } = await world()
      if (speech.capabilities.languages === 'any') return

      const heard = speech.transcribe(spoken, { ...quietly(), language: 'tlh' })

      await expect(heard).rejects.toMatchObject({ name: 'FatalError', code: 'language-not-supported' })
    })
  })
}

interface Heard {
  transcript: Transcript
  /** Progress, as it was told. */
  reported: readonly number[]
}

async function hear({ speech, spoken }: SpeechWorld): Promise<Heard> {
  const reported: number[] = []
  const onProgress = (progress: number) => reported.push(progress)
  return { transcript: await hearToEnd(speech, spoken, { ...quietly(), onProgress }), reported }
}

function quietly() {
  return { job: jobInMemory(), signal: new AbortController().signal, onProgress: () => {} }
}

function expectOrdered(
  stretches: readonly { startMs: number; endMs: number }[],
  inside: { startMs: number; endMs: number },
): void {
  let earliest = inside.startMs
  for (const { startMs, endMs } of stretches) {
    expect(startMs).toBeGreaterThanOrEqual(earliest)
    expect(endMs).toBeGreaterThanOrEqual(startMs)
    earliest = endMs
  }
  expect(earliest).toBeLessThanOrEqual(inside.endMs)
}
