import { expect, it } from 'vitest'
import { clipStatusView, clipTranscript, clipView } from './clip-views.ts'

const at = new Date('2026-03-01T12:00:00Z')
const clip = {
  ...({
    id: '5',
    status: 'failed',
    attempt: 2,
    url: 'https://x.com/a/status/1',
    canonical_url: null,
  } as const),
  ...{ platform: 'x', title: null, author: null, error_code: 'private', error_message: 'It is private.' },
  ...{ metadata: { order: 7 }, created_at: at, updated_at: at },
}

it('shows of a job what its API names, and in lists more', () => {
  const status = {
    ...{ job_id: '5', status: 'failed', url: 'https://x.com/a/status/1', platform: 'x' },
    ...{ error_message: 'It is private.', created_at: '2026-03-01T12:00:00.000Z' },
    updated_at: '2026-03-01T12:00:00.000Z',
  }

  expect(clipStatusView(clip)).toEqual(status)
  expect(clipView(clip)).toEqual({
    ...status,
    ...{ error_code: 'private', attempt: 2, metadata: { order: 7 } },
    ...{ canonical_url: null, title: null, author: null },
  })
})

it('gives a transcript’s times in seconds', () => {
  const words = [
    { text: 'Hello', startMs: 0, endMs: 450 },
    { text: 'there', startMs: 500, endMs: 1_234 },
  ]
  const segments = [
    { startMs: 0, endMs: 1_234, text: 'Hello there ', words },
    { startMs: 2_000, endMs: 3_000, text: 'you', words: [], speaker: 'A' },
  ]

  expect(clipTranscript({ language: 'en', segments })).toEqual({
    text: 'Hello there you',
    language: 'en',
    timestamps: [
      {
        ...{ start: 0, end: 1.234, text: 'Hello there ' },
        words: [
          { start: 0, end: 0.45, word: 'Hello' },
          { start: 0.5, end: 1.234, word: 'there' },
        ],
      },
      { start: 2, end: 3, text: 'you', speaker: 'A', words: [] },
    ],
  })
})
