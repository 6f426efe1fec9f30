import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLoudness, readWavHeader } from './wav.ts'

const never = new AbortController().signal
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wav-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('readWavHeader', () => {
  it.each([
    ['plain', wav({ samples: 500 }), { dataOffset: 44, sampleCount: 500 }],
    [
      'with a list chunk of odd length',
      wav({ samples: 500, list: 27 }),
      { dataOffset: 80, sampleCount: 500 },
    ],
    ['with no samples', wav({ samples: 0 }), { dataOffset: 44, sampleCount: 0 }],
    ['cut short', wav({ samples: 500 }).subarray(0, 44 + 333), { dataOffset: 44, sampleCount: 166 }],
    ['written to a pipe', wav({ samples: 500, claimed: 0xffffffff }), { dataOffset: 44, sampleCount: 500 }],
    [
      'with trailing bytes',
      Buffer.concat([wav({ samples: 500 }), Buffer.alloc(99)]),
      { dataOffset: 44, sampleCount: 500 },
    ],
  ])('finds the samples of a WAV %s', async (_, bytes, samples) => {
    expect(await readWavHeader(await file(bytes))).toEqual(samples)
  })

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['one byte', Buffer.from('R')],
    ['HTML', Buffer.from('<html><body>please sign in</body></html>')],
    ['a header alone', wav({ samples: 500 }).subarray(0, 12)],
    ['a header cut inside its format', wav({ samples: 500 }).subarray(0, 30)],
    ['stereo', wav({ samples: 500, channels: 2 })],
    ['44.1 kHz', wav({ samples: 500, sampleRate: 44_100 })],
    [
      'samples without a format',
      Buffer.concat([wav({ samples: 0 }).subarray(0, 12), Buffer.from('data\u0004\0\0\0abcd')]),
    ],
  ])('refuses %s', async (_, bytes) => {
    await expect(readWavHeader(await file(bytes))).rejects.toMatchObject({ code: 'sound-unreadable' })
  })
})

describe('readLoudness', () => {
  it('gives one value per whole 10 ms, relative to full scale', async () => {
    const path = await file(wav({ samples: 500, level: 3277 }))

    const loudness = await readLoudness(path, await readWavHeader(path), never)

    expect([...loudness].map((db) => Math.round(db))).toEqual([-20, -20, -20])
  })

  it('reads sound longer than its buffer to the end', async () => {
    const path = await file(wav({ samples: 1_000_000, level: 3277 }))

    const loudness = await readLoudness(path, await readWavHeader(path), never)

    expect(loudness).toHaveLength(6250)
    expect(loudness.every((db) => Math.round(db) === -20)).toBe(true)
  })

  it('calls zeros silence, not minus infinity', async () => {
    const path = await file(wav({ samples: 320 }))

    expect([...(await readLoudness(path, await readWavHeader(path), never))]).toEqual([-100, -100])
  })

  it('stops with the reason it was given', async () => {
    const path = await file(wav({ samples: 500 }))
    const reason = new Error('taken over')

    await expect(readLoudness(path, await readWavHeader(path), AbortSignal.abort(reason))).rejects.toBe(
      reason,
    )
  })
})

async function file(bytes: Buffer): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'case-')), 'sound.wav')
  await writeFile(path, bytes)
  return path
}

interface WavShape {
  samples: number
  level?: number
  channels?: number
  sampleRate?: number
  /** Length of a LIST chunk before the samples. */
  list?: number
  /** What the header says the samples take, in bytes. */
  claimed?: number
}

function wav({
  samples,
  level = 0,
  channels = 1,
  sampleRate = 16_000,
  list,
  claimed = samples * 2,
}: WavShape): Buffer {
  const format = Buffer.alloc(24)
  format.write('fmt ', 'latin1')
  format.writeUInt32LE(16, 4)
  format.writeUInt16LE(1, 8)
  format.writeUInt16LE(channels, 10)
  format.writeUInt32LE(sampleRate, 12)
  format.writeUInt32LE(sampleRate * channels * 2, 16)
  format.writeUInt16LE(channels * 2, 20)
  format.writeUInt16LE(16, 22)
  const extra = list === undefined ? [] : [chunkHead('LIST', list), Buffer.alloc(list + (list % 2))]
  const data = Buffer.from(new Int16Array(samples).fill(level).buffer)
  return Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'),
    format,
    ...extra,
    chunkHead('data', claimed),
    data,
  ])
}

function chunkHead(id: string, length: number): Buffer {
  const head = Buffer.alloc(8)
  head.write(id, 'latin1')
  head.writeUInt32LE(length, 4)
  return head
}
