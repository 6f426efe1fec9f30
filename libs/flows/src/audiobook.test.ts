import { expect, it } from 'vitest'
import { planAudiobook } from './audiobook.ts'

const chapters = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `c${index + 1}`, mediaId: `m${index + 1}` }))

it.each([1, 2, 3, 200])('gives a book of %i chapters 2N + 2 jobs', (count) => {
  const jobs = planAudiobook({ audiobookId: 'b', ownerId: 'o', chapters: chapters(count) })

  expect(jobs).toHaveLength(2 * count + 2)
  expect(new Set(jobs.map((job) => job.key)).size).toBe(jobs.length)
})

it('lets everything but the transcripts wait for the transcript it reads', () => {
  const jobs = planAudiobook({ audiobookId: 'b', ownerId: 'o', chapters: chapters(2) })

  const waits = Object.fromEntries(jobs.map((job) => [job.key, job.dependsOn]))
  expect(waits).toEqual({
    'transcribe 1': [],
    'embed 1': ['transcribe 1'],
    summarize: ['transcribe 1'],
    tag: ['transcribe 1'],
    'transcribe 2': [],
    'embed 2': ['transcribe 2'],
  })
})

it('puts the first chapter in the high lane and the others in the normal one', () => {
  const jobs = planAudiobook({ audiobookId: 'b', ownerId: 'o', chapters: chapters(2) })

  expect(jobs.filter((job) => job.chapterId === 'c1').every((job) => job.lane === 'high')).toBe(true)
  expect(jobs.filter((job) => job.chapterId === 'c2').every((job) => job.lane === 'normal')).toBe(true)
})

it('hands on where a chapter lies in its file, the language the user named, and who is to hear it', () => {
  const [transcribe] = planAudiobook({
    audiobookId: 'b',
    ownerId: 'o',
    language: 'en',
    provider: 'openai',
    chapters: [{ id: 'c1', mediaId: 'm1', startMs: 1000, endMs: 2500 }],
  })

  expect(transcribe?.input).toEqual({
    chapterId: 'c1',
    mediaId: 'm1',
    startMs: 1000,
    endMs: 2500,
    language: 'en',
    provider: 'openai',
  })
})
