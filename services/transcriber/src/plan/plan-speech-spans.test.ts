import { describe, expect, it } from 'vitest'
import { FRAME_MS, SILENCE_DB } from './frame-loudness.ts'
import { planProgress, planSpeechSpans } from './plan-speech-spans.ts'

const SPEECH_DB = -22

/** A stretch of sound, by the loudness of its frames, and whether someone speaks in it. */
interface Part {
  frames: number[]
  spoken: boolean
}

describe('planSpeechSpans', () => {
  it('leaves silence out and keeps a little around speech', () => {
    const spans = planSpeechSpans(sound([silence(5000), speech(2000), silence(5000)]))

    expect(spans).toEqual([{ startMs: 4850, endMs: 7150 }])
  })

  it.each([
    ['two hours of digital silence', [silence(7_200_000)]],
    ['the last bit flickering', [steady(60_000, -90)]],
    ['no sound at all', []],
    ['a click', [silence(1000), steady(10, -6), silence(1000)]],
  ])('finds nothing to recognise in %s', (_, parts) => {
    expect(planSpeechSpans(sound(parts))).toEqual([])
  })

  it.each([
    ['speech after 25 minutes of silence', [silence(25 * 60_000), speech(3000)]],
    [
      'a whisper after a loud speaker',
      [speech(40_000), room(2000), speech(40_000, SPEECH_DB - 25), room(2000)],
    ],
    [
      'a quiet answer to a loud question',
      [speech(5000), room(1000), speech(5000, SPEECH_DB - 15), room(1000)],
    ],
    ['one word in a minute of room noise', [room(30_000), speech(400), room(30_000)]],
    ['speech 45 dB too quiet', [silence(1000), speech(5000, SPEECH_DB - 45), silence(1000)]],
    ['speech over steady noise', [steady(5000, -35), speech(2000), steady(5000, -35)]],
    ['the first word and the last', [speech(300), silence(3000), speech(300)]],
    ['an hour without a pause', [speech(3_600_000)]],
  ])('keeps all of %s', (_, parts) => {
    const spans = planSpeechSpans(sound(parts))

    const kept = new Set(spans.flatMap(({ startMs, endMs }) => framesBetween(startMs, endMs)))
    expect(spokenFrames(parts).filter((frame) => !kept.has(frame))).toEqual([])
  })

  it('keeps what it cannot tell speech in', () => {
    expect(planSpeechSpans(sound([steady(10_000, -40)]))).toEqual([{ startMs: 0, endMs: 10_000 }])
  })

  it('joins the words of a phrase, and parts at pauses', () => {
    const spans = planSpeechSpans(sound([speech(1000), room(120), speech(1000), room(900), speech(1000)]))

    expect(spans).toHaveLength(2)
  })

  it('cuts speech without pauses where it is quietest', () => {
    const spans = planSpeechSpans(sound([speech(9000), steady(60, SPEECH_DB - 8), speech(11_000)]))

    expect(spans).toHaveLength(2)
    expect(spans[0]?.endMs).toBeGreaterThanOrEqual(9000)
    expect(spans[0]?.endMs).toBeLessThanOrEqual(9060)
    expect(spans[1]?.startMs).toBe(spans[0]?.endMs)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'gives spans in order, apart, inside the sound, of 15 s at most (sound %i)',
    (seed) => {
      const loudness = sound(randomParts(seed))

      const spans = planSpeechSpans(loudness)

      let earliest = 0
      for (const { startMs, endMs } of spans) {
        expect(startMs).toBeGreaterThanOrEqual(earliest)
        expect(endMs).toBeGreaterThan(startMs)
        expect(endMs - startMs).toBeLessThanOrEqual(15_000)
        earliest = endMs
      }
      expect(spans.length).toBeGreaterThan(0)
      expect(earliest).toBeLessThanOrEqual(loudness.length * FRAME_MS)
    },
  )
})

describe('planProgress', () => {
  it('counts speech, not the silence between', () => {
    const progressAt = planProgress([
      { startMs: 0, endMs: 1000 },
      { startMs: 60_000, endMs: 63_000 },
    ])

    expect([progressAt(0), progressAt(1)]).toEqual([0, 0.25])
  })
})

function sound(parts: readonly Part[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => part.frames))
}

/** Syllables, as it were: louder and softer five times a second. */
function speech(ms: number, db = SPEECH_DB): Part {
  const frames = Array.from(
    { length: ms / FRAME_MS },
    (_, frame) => db + 4 * Math.sin((frame / 20) * 2 * Math.PI),
  )
  return { frames, spoken: true }
}

function steady(ms: number, db: number): Part {
  return { frames: Array(ms / FRAME_MS).fill(db), spoken: false }
}

function silence(ms: number): Part {
  return steady(ms, SILENCE_DB)
}

function room(ms: number): Part {
  return steady(ms, -62)
}

function randomParts(seed: number): Part[] {
  let state = seed
  const random = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return Array.from({ length: 60 }, () => steady(10 * Math.round(1 + random() * 300), -100 + random() * 95))
}

function spokenFrames(parts: readonly Part[]): number[] {
  const frames = parts.flatMap((part) => part.frames.map(() => part.spoken))
  return frames.flatMap((spoken, frame) => (spoken ? [frame] : []))
}

function framesBetween(startMs: number, endMs: number): number[] {
  return Array.from({ length: (endMs - startMs) / FRAME_MS }, (_, index) => startMs / FRAME_MS + index)
}
