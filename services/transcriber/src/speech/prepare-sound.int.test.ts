import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareSound } from './prepare-sound.ts'

const run = promisify(execFile)
const signal = new AbortController().signal
let folder: string
let wav: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prepare-sound-'))
  wav = join(folder, 'sound.wav')
  // A second of silence, one of a tone, one of silence.
  const tone = "aevalsrc='0.4*sin(2500*t)*gte(t,1)*lt(t,2)':s=16000:d=3"
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', tone, '-c:a', 'pcm_s16le', wav])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('prepareSound', () => {
  it.each(['flac', 'opus'] as const)(
    'encodes as %s so that a reader has the same samples at the same times',
    async (format) => {
      const sound = await prepareSound(wav, { limits: { formats: [format] }, signal })

      expect(sound).toMatchObject({ format, durationMs: 3000, spans: [{ startMs: 850, endMs: 2150 }] })
      expect(sound.bytes).toBe((await readFile(sound.path)).length)
      expect(sound.bytes).toBeLessThan(40_000)
      const [before, after] = [await samplesOf(wav), await samplesOf(sound.path)]
      expect(after).toHaveLength(before.length)
      // Opus keeps no sample, but starts the tone where it was, within 10 ms.
      expect(Math.abs(onset(after) - onset(before))).toBeLessThanOrEqual(format === 'flac' ? 0 : 160)
    },
  )

  it('leaves a WAV as it is for who reads it', async () => {
    expect(await prepareSound(wav, { limits: { formats: ['wav', 'flac'] }, signal })).toMatchObject({
      path: wav,
      format: 'wav',
    })
  })

  it('refuses what the provider would', async () => {
    const sound = prepareSound(wav, { limits: { formats: ['opus'], maxDurationMs: 2_000 }, signal })

    await expect(sound).rejects.toMatchObject({ name: 'FatalError', code: 'sound-too-long' })
  })
})

async function samplesOf(path: string): Promise<Int16Array> {
  const raw = join(folder, 'raw')
  await run('ffmpeg', ['-v', 'error', '-y', '-i', path, '-ar', '16000', '-f', 's16le', raw])
  const bytes = await readFile(raw)
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
}

function onset(samples: Int16Array): number {
  return samples.findIndex((sample) => Math.abs(sample) > 3_000)
}
