import type { Transcript } from '@app/contracts'
import type { AnswerCache } from '@app/providers'
import { expect, it } from 'vitest'
import { heardBefore } from './heard-before.ts'
import { toneReader } from './testing/tone-words.ts'

const media = {
  ...{ id: 'm', sha256: 'ab', objectKey: 'o', sizeBytes: 1, durationMs: 9_000 },
  inspection: { probe: { audioStreamIndex: 0, streams: [{ index: 0, kind: 'audio', channels: 1 }] } },
}
const heard: Transcript = {
  ...{ language: 'en', provider: 'tones', model: 'sines', durationMs: 9_000, segments: [] },
  ...{ secondsBilled: 9, costUsd: 0.01 },
}
const ASKED = { stretch: {}, language: 'en', vocabulary: ['Ahab'], media, speech: toneReader() }

function hearing(answer: Transcript & { parts?: unknown } = heard) {
  const kept = new Map<string, unknown>()
  const cache: AnswerCache = {
    async cached({ kind, key, schema, isKept = () => true }, make) {
      const own = JSON.stringify([kind, key])
      if (kept.has(own)) return schema.parse(kept.get(own))
      const made = await make()
      if (isKept(made)) kept.set(own, made)
      return made
    },
  }
  const reported: unknown[] = []
  let times = 0
  return {
    reported,
    times: () => times,
    ask({ language, vocabulary, ...asked }: Partial<typeof ASKED> = ASKED) {
      const options = { language, vocabulary, report: (...all: unknown[]) => void reported.push(all) }
      return heardBefore(cache, { ...ASKED, ...asked, options }, async () => {
        times += 1
        return answer
      })
    },
  }
}

it('hears a stretch once, and charges it once', async () => {
  const { ask, times, reported } = hearing()

  const [first, second] = [await ask(), await ask()]

  expect(times()).toBe(1)
  expect(first).toEqual(heard)
  const { secondsBilled: _, costUsd: __, ...free } = heard
  expect(second).toEqual(free)
  expect(reported).toEqual([[1, 'transcribing']])
})

it.each<[string, Partial<typeof ASKED>]>([
  ['another stretch', { stretch: { startMs: 1 } }],
  ['other content', { media: { ...media, sha256: 'cd' } }],
  ['another stream', { media: { ...media, inspection: JSON.parse('{}') } }],
  ['another provider', { speech: { ...toneReader(), provider: 'others' } }],
  ['another model', { speech: { ...toneReader(), model: 'squares' } }],
  ['another language', { language: 'de' }],
  ['other hints', { vocabulary: ['Ishmael'] }],
])('hears %s', async (_, other) => {
  const { ask, times } = hearing()

  await ask()
  await ask({ ...ASKED, ...other })

  expect(times()).toBe(2)
})

it.each([
  ['is still to be heard in parts', { parts: [] }],
  ['another provider heard in place of the one that was asked', { insteadOf: 'revai' }],
])('does not remember what %s', async (_, more) => {
  const { ask, times } = hearing({ ...heard, ...more })

  await ask()
  await ask()

  expect(times()).toBe(2)
})
