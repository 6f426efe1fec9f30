import { expect, it } from 'vitest'
import { planClipReport } from './plan-clip-report.ts'

const NOTHING = {
  ...{ audio_url: null, thumbnail_url: null, duration: null, size_bytes: null },
  ...{ transcript: null, analysis: null, embedding: null },
}
const at = (second: number) => `2026-08-01T00:00:0${second}.000Z`

it('shows how long each stage took, and all that came of a clip', () => {
  const result = {
    ...{ audio_url: 'http://a/s', thumbnail_url: 'http://a/t', duration: 3.44, size_bytes: 27_910 },
    transcript: { text: 'it was the best of times', language: 'en', timestamps: [] },
    analysis: { summary: 'Two times.', topics: ['times'], sentiment: null, category: null },
    embedding: { id: 'e', metadata: { model: 'm', provider: 'local', dimensions: 8, chunk_count: 1 } },
  }
  const stages = [
    { stage: 'pending' as const, at: at(0) },
    { stage: 'generating_embeddings' as const, at: at(1) },
    { stage: 'completed' as const, at: at(3) },
  ]

  const report = planClipReport({ job_id: 'j', status: 'completed', result, error_message: null }, stages)

  expect(report.join('\n')).toMatchInlineSnapshot(`
    "
    Stages
      pending                  1.0 s
      generating embeddings    2.0 s

    Result
      Sound       3.4 s  http://a/s
      Thumbnail   http://a/t
      Transcript  “it was the best of times”  (en)
      Summary     Two times.
      Topics      times
      Vectors     1 by m"
  `)
})

it('says why a clip failed', () => {
  const stages = [{ stage: 'failed' as const, at: at(0) }]
  const failed = { job_id: 'j', status: 'failed' as const, result: NOTHING, error_message: 'It is private.' }

  expect(planClipReport(failed, stages).at(-1)).toBe('  ✗ It is private.')
})
