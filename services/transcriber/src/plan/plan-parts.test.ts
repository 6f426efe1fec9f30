import { describe, expect, it } from 'vitest'
import { type Cut, planLoudnessCut, planParts, planSilentCut, planWindows } from './plan-parts.ts'
import { planSpeechSpans } from './plan-speech-spans.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const TEN_MINUTES = { mostMs: 10 * MINUTE }
const WINDOW = { startMs: 570_000, endMs: 630_000 }

describe('planWindows', () => {
  it.each([
    ['ten minutes', 10 * MINUTE, 0],
    ['a second more', 10 * MINUTE + 1_000, 1],
    ['two hours', 2 * HOUR, 13],
    ['a hundred hours', 100 * HOUR, 676],
  ])('cuts %s in %i ms so many times', (_, durationMs, cuts) => {
    expect(planWindows(durationMs, TEN_MINUTES)).toHaveLength(cuts)
  })

  it.each([
    ['minutes', 10 * MINUTE, 2 * HOUR],
    ['a provider of 1386 s', 1_386_000, 10 * HOUR],
    ['seconds', 10_000, 61_234],
    ['an odd length', 599_999, 7_654_321],
  ])(
    'makes no part longer than the limit, wherever in its window each cut is (parts of %s)',
    (_, mostMs, durationMs) => {
      const limits = { mostMs }
      const windows = planWindows(durationMs, limits)

      for (const edge of ['startMs', 'endMs', 'apart', 'together'] as const) {
        const cuts = windows.map((window, index): Cut => {
          const isStart = edge === 'startMs' || (edge === 'apart') === (index % 2 === 0)
          const overlapMs = planLoudnessCut(window, noPause(), limits).overlapMs
          return { atMs: edge === 'endMs' || !isStart ? window.endMs : window.startMs, overlapMs }
        })
        const parts = planParts(durationMs, cuts)
        expect(parts.every(({ fromMs, toMs }) => toMs - fromMs <= mostMs && toMs > fromMs)).toBe(true)
        expect([parts[0]?.startMs, parts.at(-1)?.endMs]).toEqual([0, durationMs])
        expect(parts.slice(1).every(({ startMs }, index) => startMs === parts[index]?.endMs)).toBe(true)
      }
    },
  )
})

describe('planSilentCut', () => {
  it('cuts in the middle of the longest silence', () => {
    const silences = [silence(10_000, 400), silence(20_000, 900), silence(50_000, 899)]

    expect(planSilentCut(WINDOW, silences)).toEqual({ atMs: 590_450, overlapMs: 0 })
  })

  it('takes the one nearest to the middle of equal ones', () => {
    const silences = [silence(1_000, 500), silence(28_000, 500), silence(58_000, 500)]

    expect(planSilentCut(WINDOW, silences)?.atMs).toBe(598_250)
  })

  it.each([
    ['none', []],
    ['only stops inside words', [silence(1_000, 299)]],
    ['so many that the recording is only quiet', [silence(0, 20_000), silence(21_000, 20_000)]],
  ])('leaves it to the loudness where there are %s', (_, silences) => {
    expect(planSilentCut(WINDOW, silences)).toBeUndefined()
  })
})

describe('planLoudnessCut', () => {
  it('cuts at a pause that is louder than silence', () => {
    const loudness = frames(6_000, (frame) => (frame >= 2_000 && frame < 2_100 ? -38 : speech(frame)))

    const { atMs, overlapMs } = planLoudnessCut(WINDOW, heard(loudness), TEN_MINUTES)

    expect(atMs).toBeGreaterThan(590_000)
    expect(atMs).toBeLessThan(591_000)
    expect(overlapMs).toBe(0)
  })

  it('cuts speech without a pause where it is quietest, and has both sides hear it', () => {
    const loudness = frames(6_000, (frame) => (frame >= 4_000 && frame < 4_015 ? -30 : speech(frame)))

    const { atMs, overlapMs } = planLoudnessCut(WINDOW, heard(loudness), TEN_MINUTES)

    expect(Math.abs(atMs - 610_070)).toBeLessThanOrEqual(60)
    expect(overlapMs).toBe(8_000)
  })

  it('cuts in the middle where it is equally loud everywhere', () => {
    expect(planLoudnessCut(WINDOW, heard(frames(6_000, () => -20)), TEN_MINUTES).atMs).toBe(600_000)
  })

  it('cuts silence without an overlap', () => {
    expect(planLoudnessCut(WINDOW, heard(frames(6_000, () => -100)), TEN_MINUTES)).toEqual({
      atMs: 600_000,
      overlapMs: 0,
    })
  })
})

function silence(startMs: number, lengthMs: number) {
  return { startMs, endMs: startMs + lengthMs }
}

function frames(count: number, db: (frame: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, frame) => db(frame))
}

function speech(frame: number): number {
  return -20 + 4 * Math.sin((frame / 20) * 2 * Math.PI)
}

function heard(loudness: Float32Array) {
  return { loudness, spans: planSpeechSpans(loudness) }
}

function noPause() {
  return heard(frames(100, () => -20))
}
