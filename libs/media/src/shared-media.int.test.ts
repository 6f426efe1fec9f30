import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { planChapters } from './book/plan-chapters.ts'
import { inspectMedia } from './inspect.ts'

/** Odd and ordinary media, beside the repository where it was developed. Whether each is taken: e2e/media.e2e.test.ts. */
const shared = path.join(import.meta.dirname, '../../../../shared/media')
const isHere = existsSync(path.join(shared, 'manifest.json'))

describe.skipIf(!isHere)('the collection of odd media in ../shared/media', () => {
  it.each(['m4b', 'mka', 'mp3'])('finds the five chapters of sense-5-chapters.%s', async (extension) => {
    const fileName = `sense-5-chapters.${extension}`
    const truth = JSON.parse(readFileSync(path.join(shared, 'audiobook/sense-5-chapters.truth.json'), 'utf8'))

    const chapters = planChapters([
      { fileName, ...(await inspectMedia(path.join(shared, 'audiobook', fileName))) },
    ])

    expect(chapters.map(({ title, startMs }) => ({ title, startMs }))).toEqual(
      truth.map(({ title, start }: { title: string; start: number }) => ({
        title,
        startMs: Math.round(start * 1000),
      })),
    )
  })

  it('finds chapters that only Nero wrote', async () => {
    const inspection = await inspectMedia(path.join(shared, 'video/chapters-nero-only.mp4'))

    expect(planChapters([{ fileName: 'x.mp4', ...inspection }])).toMatchObject([
      { title: 'Chapter 1', startMs: 0, endMs: 201 },
      { title: 'Chapter 2', startMs: 201, endMs: 800 },
      { title: 'Chapter 3', startMs: 800, endMs: inspection.soundEndMs },
    ])
  })
})
