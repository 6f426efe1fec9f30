import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { wordErrorRate } from '@app/contracts'
import { speak } from '@app/media'
import { expect, it } from 'vitest'
import { hearByPocketSphinx } from './hear-by-pocketsphinx.ts'
import { textOf } from './heard.ts'

// From Moby-Dick (1851), chapter 1.
const SAID = 'I thought I would sail about a little and see the watery part of the world.'

it('reads what is really said, in a format that providers are sent', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'hear é '))
  try {
    const [wav, opus] = [path.join(directory, 'said.wav'), path.join(directory, 'said.ogg')]
    await speak(SAID, { outPath: wav })
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', wav, '-c:a', 'libopus', '-b:a', '32k', opus])

    const words = await hearByPocketSphinx()(
      { path: opus, sha256: '', durationMs: 5000 },
      new AbortController().signal,
    )

    expect(wordErrorRate(SAID, textOf(words))).toBeLessThanOrEqual(0.35)
    expect(words.every(({ startMs, endMs }) => startMs >= 0 && endMs >= startMs && endMs <= 5000)).toBe(true)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
