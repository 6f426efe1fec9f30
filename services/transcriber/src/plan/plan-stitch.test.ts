import type { RecordingPart, Segment } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { type PartHead, planHead, stitched } from './plan-stitch.ts'

describe('stitched', () => {
  it('moves each part by where its sound began, to the millisecond', async () => {
    const parts = [part(0, 600_017), part(600_017, 1_200_000)]

    const segments = await all(parts, [[said('one', 250)], [said('two', 33, 'A')]])

    expect(segments).toEqual([said('one', 250), { ...said('two', 600_050), speaker: 'A, part 2' }])
  })

  it('joins what both sides of a cut have heard', async () => {
    const parts = [
      { ...part(0, 10_000), toMs: 14_000 },
      { ...part(10_000, 20_000), fromMs: 6_000 },
    ]
    const left = ['a', 'b', 'c', 'd', 'e', 'f'].map((text, index) => said(text, 4_000 + index * 1_500))
    const right = ['c', 'd', 'e', 'f', 'g'].map((text, index) => said(text, 1_050 + index * 1_500))

    const segments = await all(parts, [left, right])

    expect(segments.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    expect(segments.every(({ startMs }, index) => startMs >= (segments[index - 1]?.endMs ?? 0))).toBe(true)
  })

  it('holds two parts at a time, however many there are', async () => {
    const parts = Array.from({ length: 50 }, (_, index) => part(index * 1_000, index * 1_000 + 1_000))
    let asked = 0
    let given = 0
    let mostHeld = 0

    for await (const _ of stitched(parts.map(head), async () => [said(`w${asked++}`, 10)])) {
      given += 1
      mostHeld = Math.max(mostHeld, asked - given)
    }

    expect(given).toBe(50)
    expect(mostHeld).toBeLessThanOrEqual(1)
  })
})

describe('planHead', () => {
  const heads: PartHead[] = [
    { ...head(part(0, 1)), wordCount: 100, languageConfidence: 0.9, secondsBilled: 600, costUsd: 0.05 },
    { ...head(part(1, 2)), language: 'de', wordCount: 20, languageConfidence: 0.4 },
    { ...head(part(2, 3)), provider: 'spare', wordCount: 300, languageConfidence: 0.7, secondsBilled: 30 },
  ]

  it('has the language of most words, with its confidence, who took part, and what was billed', () => {
    expect(planHead(heads, { durationMs: 3 })).toEqual({
      language: 'en',
      languageConfidence: 0.75,
      provider: 'test, spare',
      model: 'test-1',
      durationMs: 3,
      secondsBilled: 630,
      costUsd: 0.05,
    })
  })

  it('keeps the language that the user named', () => {
    const { language, languageConfidence } = planHead(heads, { durationMs: 3, language: 'en-GB' })

    expect([language, languageConfidence]).toEqual(['en-GB', undefined])
  })
})

function part(startMs: number, endMs: number): RecordingPart {
  return { startMs, endMs, fromMs: startMs, toMs: endMs }
}

function head(of: RecordingPart): PartHead {
  return { part: of, language: 'en', provider: 'test', model: 'test-1', durationMs: 1, wordCount: 1 }
}

function said(text: string, startMs: number, speaker?: string): Segment {
  const endMs = startMs + 500
  return {
    startMs,
    endMs,
    text,
    words: [{ text, startMs, endMs }],
    ...(speaker === undefined ? {} : { speaker }),
  }
}

async function all(parts: readonly RecordingPart[], segments: readonly Segment[][]): Promise<Segment[]> {
  const given = stitched(parts.map(head), async (index) => segments[index] ?? [])
  return await Array.fromAsync(given)
}
