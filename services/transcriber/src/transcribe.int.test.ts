import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wordErrorRate } from '@app/contracts'
import { transcriptOf } from '@app/db'
import { hasFlite, speak } from '@app/media'
import { noCache } from '@app/providers'
import { testWorld, type World } from '@app/testkit'
import { describe, expect, it } from 'vitest'
import { pocketSphinx } from './speech/pocketsphinx.ts'
import { transcribe } from './transcribe.ts'
import type { TranscribeDeps } from './transcribe-deps.ts'

const SPOKEN = 'the family of dashwood had long been settled in sussex their estate was large'

describe.skipIf(!(await hasFlite()))('transcribe, with a synthesized voice', () => {
  it('writes the words of a chapter with their times, and leaves nothing in its scratch directory', async () => {
    await using world = await testWorld()
    await using recording = await recordingOf(SPOKEN)
    const book = await world.seedAudiobook()

    await world.drain([transcribe], depsOf(world, recording))

    const transcript = await transcriptOf(world.db, book.chapters[0]?.id ?? '')
    expect(transcript).toMatchObject({ provider: 'pocketsphinx', language: 'en' })
    const words = transcript?.segments.flatMap((segment) => segment.words) ?? []
    expect(wordErrorRate(SPOKEN, words.map((word) => word.text).join(' '))).toBeLessThan(0.4)
    expect(words.every((word, index) => word.startMs >= (words[index - 1]?.startMs ?? 0))).toBe(true)
    expect(await world.job(book.job('transcribe 1'))).toMatchObject({ status: 'completed', progress: 1 })
    expect(await readdir(recording.scratch)).toEqual([])
  })

  it('makes a chapter in a language it has no model for a dead letter that says so', async () => {
    await using world = await testWorld()
    await using recording = await recordingOf(SPOKEN)
    const book = await world.seedAudiobook()
    const input = { chapterId: book.chapters[0]?.id, mediaId: book.mediaId, language: 'fr' }
    await world.db
      .updateTable('processing_jobs')
      .set({ input: JSON.stringify(input) })
      .where('type', '=', 'transcribe')
      .execute()

    await world.drain([transcribe], depsOf(world, recording))

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'failed',
      attempts: 1,
      error_code: 'language-not-supported',
    })
  })

  it('tries again when the stored sound can not be fetched, and cleans up after itself', async () => {
    await using world = await testWorld()
    await using recording = await recordingOf(SPOKEN)
    const book = await world.seedAudiobook()
    const deps: TranscribeDeps = {
      ...depsOf(world, recording),
      openObject: () => Promise.reject(new Error('storage: 503')),
    }

    await world.drain([transcribe], deps)

    expect(await world.job(book.job('transcribe 1'))).toMatchObject({
      status: 'queued',
      attempts: 1,
      error_message: 'storage: 503',
    })
    expect(await readdir(recording.scratch)).toEqual([])
  })
})

async function recordingOf(text: string) {
  const directory = await mkdtemp(join(tmpdir(), 'scriptorium-transcribe-test-'))
  const path = join(directory, 'recording.wav')
  await speak(text, { outPath: path })
  const scratch = await mkdtemp(join(directory, 'scratch-'))
  return { path, scratch, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

function depsOf(world: World, recording: { path: string; scratch: string }): TranscribeDeps {
  return {
    db: world.db,
    speech: () => pocketSphinx(),
    cache: noCache,
    openObject: async () => recording.path,
    scratchDirectory: recording.scratch,
    partMs: 600_000,
  }
}
