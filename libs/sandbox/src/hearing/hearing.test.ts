import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEars } from './ears.ts'
import { phrasesOf, textOf } from './heard.ts'
import { spreadWords } from './known-speech.ts'
import { planSpans, wordsOfCtm } from './plan-spans.ts'
import { writtenOut } from './written-out.ts'

describe('a known text', () => {
  it('is spread over the sound, in order and inside it', () => {
    const words = spreadWords('one two three fourteen', 4000)

    expect(words.map(({ text }) => text)).toEqual(['one', 'two', 'three', 'fourteen'])
    expect(words[0]?.startMs).toBe(100)
    expect(words.at(-1)?.endMs).toBeLessThanOrEqual(3900)
    for (const [index, word] of words.entries()) {
      expect(word.endMs).toBeGreaterThanOrEqual(word.startMs)
      expect(word.startMs).toBeGreaterThanOrEqual(words[index - 1]?.endMs ?? 0)
    }
  })

  it.each([
    ['nothing', '', 4000],
    ['a sound of 0 s', 'one two', 0],
  ])('gives finite times for %s', (_, text, durationMs) => {
    expect(
      spreadWords(text, durationMs).every(({ startMs, endMs }) => startMs >= 0 && endMs <= durationMs),
    ).toBe(true)
  })
})

describe('spans to be recognised', () => {
  it('lie between the pauses, with a little around them', () => {
    const pauses = [
      { startMs: 0, endMs: 1000 },
      { startMs: 3000, endMs: 4000 },
    ]

    expect(planSpans(pauses, 6000)).toEqual([
      { startMs: 850, endMs: 3150 },
      { startMs: 3850, endMs: 6000 },
    ])
  })

  it('are 15 s at most', () => {
    const spans = planSpans([], 40_000)

    expect(spans).toHaveLength(3)
    expect(spans.every(({ startMs, endMs }) => endMs - startMs <= 15_000)).toBe(true)
    expect(spans.map(({ startMs }) => startMs).slice(1)).toEqual(spans.map(({ endMs }) => endMs).slice(0, -1))
  })

  it('are none in silence', () => {
    expect(planSpans([{ startMs: 0, endMs: 5000 }], 5000)).toEqual([])
  })
})

it('hears a sound to its end and once, also when who asked has given up', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'ears-'))
  const file = path.join(directory, 'sound')
  await writeFile(file, 'sound')
  const done = Promise.withResolvers<void>()
  let times = 0
  const hear = async () => {
    times += 1
    await done.promise
    return spreadWords('call me ishmael', 2000)
  }
  const ears = createEars(hear, new AbortController().signal)
  const sound = { path: file, sha256: 'of it', durationMs: 2000 }
  const abort = new AbortController()

  const first = ears.hear(sound, { signal: abort.signal })
  abort.abort(new Error('no longer wanted'))
  await expect(first).rejects.toThrow('no longer wanted')
  await rm(directory, { recursive: true })
  done.resolve()
  const second = await ears.hear(sound, { signal: new AbortController().signal })

  expect(textOf(second.words)).toBe('Call me ishmael.')
  expect(times).toBe(1)
})

describe('recognised words', () => {
  const ctm =
    '0 1 0.50 0.20 <s> 1.0\n0 1 0.70 0.30 call 0.9\n0 1 1.00 0.40 me(2) 1.0002\n1 1 1.30 0.50 ishmael 0.8\nhalf a li'

  it('have their times in order, and no fillers among them', () => {
    expect(wordsOfCtm(ctm)).toEqual([
      { text: 'call', startMs: 700, endMs: 1000, confidence: 0.9 },
      { text: 'me', startMs: 1000, endMs: 1300, confidence: 1 },
      { text: 'ishmael', startMs: 1300, endMs: 1800, confidence: 0.8 },
    ])
  })

  it('are written with a capital and a stop at each pause', () => {
    const later = { text: 'some', startMs: 3000, endMs: 3200 }

    const words = writtenOut([...wordsOfCtm(ctm), later])

    expect(textOf(words)).toBe('Call me ishmael. Some.')
    expect(phrasesOf(words)).toHaveLength(2)
  })
})
