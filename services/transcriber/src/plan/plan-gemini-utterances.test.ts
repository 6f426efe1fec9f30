import { describe, expect, it } from 'vitest'
import { planGeminiUtterances } from './plan-gemini-utterances.ts'

const sound = { durationMs: 60_000, spans: [{ startMs: 0, endMs: 58_000 }] }
const segment = (start: unknown, end: unknown, speaker = 'Speaker 1') => ({
  ...{ start: start as number, end: end as number, speaker, text: 'Hi' },
})
const timesOf = (segments: ReturnType<typeof segment>[]) =>
  planGeminiUtterances(segments, sound).map(({ startMs, endMs }) => [startMs, endMs])

describe('planGeminiUtterances', () => {
  it.each([
    ['seconds', segment(0, 30.5), segment(30.5, 57)],
    ['clock times', segment('0:00', '00:30.5'), segment('00:30.5', '0:00:57')],
  ])('believes times that can be true, as %s', (_, first, second) => {
    expect(timesOf([first, second])).toEqual([
      [0, 30_500],
      [30_500, 57_000],
    ])
  })

  it.each([
    ['run backwards', [segment(30, 58), segment(5, 20)]],
    ['end after the sound', [segment(0, 30), segment(30, 75)]],
    ['have shrunk', [segment(0, 10), segment(10, 20)]],
    ['are missing', [segment(0, 30), segment(null, 58)]],
    ['are no times', [segment('soon', 'later')]],
  ])('believes none where some %s', (_, segments) => {
    expect(timesOf(segments)).toEqual(segments.map(() => [undefined, undefined]))
  })

  it('names speakers where there are several', () => {
    const [alone] = planGeminiUtterances([segment(0, 58)], sound)
    const two = planGeminiUtterances([segment(0, 30), segment(30, 58, 'Speaker 2')], sound)

    expect(alone).not.toHaveProperty('speaker')
    expect(two.map(({ speaker }) => speaker)).toEqual(['Speaker 1', 'Speaker 2'])
  })
})
