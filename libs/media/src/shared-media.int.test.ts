import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { FatalError } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { planChapters } from './book/plan-chapters.ts'
import { inspectMedia } from './inspect.ts'
import type { MediaRefusal } from './refusals.ts'

/** Odd and ordinary media with agreed outcomes, beside the repository where it was developed. */
const shared = path.join(import.meta.dirname, '../../../../shared/media')
const isHere = existsSync(path.join(shared, 'manifest.json'))

interface Entry {
  path: string
  expect: { audiobook: string; why?: string; warning?: string }
}

const entries: Entry[] = isHere ? JSON.parse(readFileSync(path.join(shared, 'manifest.json'), 'utf8')) : []

const CODES: Record<string, MediaRefusal> = {
  'empty file': 'media-empty',
  'not media, or unreadable': 'media-unreadable',
  'a playlist that refers elsewhere: never followed': 'media-playlist',
  'no audio stream': 'media-no-audio',
  'audio cannot be decoded': 'media-undecodable',
  'the header promises sound that is not there': 'media-no-sound',
  'less than a tenth of a second of sound': 'media-too-short',
}

async function outcomeOf(file: string): Promise<object> {
  try {
    const { warnings } = await inspectMedia(file)
    return { audiobook: 'ok', hasWarning: warnings.length > 0 }
  } catch (error) {
    if (!(error instanceof FatalError)) throw error
    return { audiobook: 'refused', code: error.code }
  }
}

describe.skipIf(!isHere)('the collection of odd media in ../shared/media', () => {
  const files = entries.filter(({ path: name }) => !name.endsWith('.tar'))

  it.each(files.map((entry) => [entry.path, entry.expect] as const))(
    '%s has its outcome',
    async (name, agreed) => {
      const expected =
        agreed.audiobook === 'ok'
          ? { audiobook: 'ok', hasWarning: agreed.warning !== undefined }
          : { audiobook: 'refused', code: CODES[agreed.why ?? ''] }

      expect(await outcomeOf(path.join(shared, name))).toEqual(expected)
    },
  )

  it('accepts each file inside hostile-filenames.tar under its own name', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hostile-'))
    try {
      const files = unpacked(readFileSync(path.join(shared, 'odd/hostile-filenames.tar')))
      expect(files).toHaveLength(9)
      for (const { name, content } of files) {
        await writeFile(path.join(folder, name), content)
        expect(await outcomeOf(path.join(folder, name))).toEqual({ audiobook: 'ok', hasWarning: false })
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

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

/** The files of a plain tar. Names that are no UTF-8 are read as Latin-1: paths here are text. */
function unpacked(tar: Buffer): { name: string; content: Buffer }[] {
  const files: { name: string; content: Buffer }[] = []
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const field = (from: number, length: number) => tar.subarray(at + from, at + from + length)
    const size = Number.parseInt(field(124, 12).toString('latin1'), 8)
    const raw = field(0, 100).subarray(0, field(0, 100).indexOf(0) >>> 0)
    const content = tar.subarray(at + 512, at + 512 + size)
    const isFile = field(156, 1).toString() === '0' || tar[at + 156] === 0
    if (isFile)
      files.push({
        name: raw.toString('utf8').includes('\ufffd') ? raw.toString('latin1') : raw.toString('utf8'),
        content,
      })
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}
