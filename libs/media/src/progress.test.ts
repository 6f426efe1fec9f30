import { expect, it } from 'vitest'
import { readProgress } from './progress.ts'

it('reads bytes and time, block by block', () => {
  const seen: object[] = []
  const { progress, take } = readProgress((now) => seen.push(now))

  for (const line of [
    'total_size=32000',
    'out_time_us=1000500',
    'progress=continue',
    'total_size=64000',
    'progress=end',
  ])
    take(line)

  expect(progress).toEqual({ outputBytes: 64_000, outputEndMs: 1000.5 })
  expect(seen).toHaveLength(2)
})

it('stays at nothing while ffmpeg does not know', () => {
  const { progress, take } = readProgress()

  for (const line of ['total_size=N/A', 'out_time_us=N/A', 'out_time_us=-9223372036854775807']) take(line)

  expect(progress).toEqual({ outputBytes: 0, outputEndMs: 0 })
})
