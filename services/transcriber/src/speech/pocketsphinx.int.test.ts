import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Transcript, wordErrorRate } from '@app/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobInMemory } from '../testing/job-in-memory.ts'
import { pocketSphinx } from './pocketsphinx.ts'
import type { Sound, SpeechToText, TranscribeOptions } from './port.ts'
import { prepareSound } from './prepare-sound.ts'
import { recogniseSpans } from './recognise-spans.ts'
import { describeSpeechToText } from './speech-to-text.conformance.ts'

const MEDIA = resolve(import.meta.dirname, '../../../../../shared/media')
const run = promisify(execFile)
const speech = pocketSphinx()
const fast = pocketSphinx({ effort: 'fast' })
let folder: string

/** From Moby-Dick (1851), chapter 1. */
const MOBY =
  'Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular ' +
  'to interest me on shore, I thought I would sail about a little and see the watery part of the world.'
/** From A Tale of Two Cities (1859), chapter 1. */
const CITIES =
  'It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.'

beforeAll(async () => {
  // A space and an accent, as home directories have them.
  folder = await mkdtemp(join(tmpdir(), 'sound é '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describeSpeechToText('PocketSphinx', async () => ({
  speech: { ...speech, transcribe: remembered },
  spoken: { ...(await spoken('moby', MOBY, 'slt')), text: MOBY },
  silence: await sound('silence', ['-f', 'lavfi', '-i', 'anullsrc=r=16000', '-t', '5']),
  brief: await promisingTooMuch(),
  maxWordErrorRate: 0.35,
}))

describe('PocketSphinx', () => {
  it.each(['slt', 'rms'])('mishears at most a quarter of what the voice %s says', async (voice) => {
    const rates = []
    for (const [name, text] of [
      ['moby', MOBY],
      ['cities', CITIES],
    ] as const) {
      const transcript = await transcribe(await spoken(name, text, voice))
      rates.push(wordErrorRate(text, textOf(transcript)))
    }

    expect(mean(rates)).toBeLessThanOrEqual(0.25)
  })

  describe.skipIf(!existsSync(MEDIA))('with LibriVox readings (needs ../shared/media)', () => {
    const files = ['0870', '0880', '0890', '0920'].map((name) => join(MEDIA, `speech/librivox-sense-${name}`))
    /** One behind the other: each time it begins to hear it loads its model. */
    const readings = async () => {
      const inputs = files.flatMap((file) => ['-i', `${file}.wav`])
      const apart = files.map((_, index) => `[${index}]apad=pad_dur=1[r${index}]`).join(';')
      const joined = `${files.map((_, index) => `[r${index}]`).join('')}concat=n=${files.length}:v=0:a=1`
      return transcribe(await sound('readings', [...inputs, '-filter_complex', `${apart};${joined}`]))
    }

    it('mishears at most 40 %', async () => {
      const read = await Promise.all(files.map((file) => readFile(`${file}.txt`, 'utf8')))

      expect(wordErrorRate(read.join(' '), textOf(await readings()))).toBeLessThanOrEqual(0.4)
    })

    it('places words within 60 ms of an alignment to the text', async () => {
      const aligned = await alignment(`${files[0]}.align.json`)

      const heard = words(await readings())

      const offsets = heard.flatMap((word) => {
        const same = aligned.find(
          (each) => each.text === word.text && Math.abs(each.startMs - word.startMs) < 1000,
        )
        return same ? [Math.abs(same.startMs - word.startMs)] : []
      })
      expect(offsets.length).toBeGreaterThanOrEqual(aligned.length / 2)
      expect(Math.max(...offsets)).toBeLessThanOrEqual(60)
    })
  })

  it.each([
    ['moby', MOBY, 'slt'],
    ['cities', CITIES, 'rms'],
  ])('mishears at most a quarter of %s where it is to be fast, and says so', async (name, text, voice) => {
    const transcript = await transcribe(await spoken(name, text, voice), fast)

    expect(wordErrorRate(text, textOf(transcript))).toBeLessThanOrEqual(0.25)
    expect(transcript.model).toBe('en-us fast')
  })

  it('leaves nothing beside the sounds it hears', async () => {
    await transcribe(await spoken('cities', CITIES, 'slt'))

    expect((await readdir(folder)).filter((name) => !name.endsWith('.wav'))).toEqual([])
  })

  it.skipIf(!existsSync('/dev/full'))('takes no transcript for whole whose words found no room', async () => {
    const { path, spans } = await spoken('cities', CITIES, 'slt')
    const workDir = await mkdtemp(join(folder, 'full-'))
    await symlink('/dev/full', join(workDir, 'words.ctm'))
    const watch = { effort: 'draft', signal: never(), onProgress: () => {} } as const

    const hearing = recogniseSpans({ path, dataOffset: 44, spans: spans.slice(0, 1), workDir }, watch)

    await expect(hearing).rejects.toMatchObject({ code: 'ENOSPC' })
    await rm(workDir, { recursive: true })
  })

  it('gives a word its true place after minutes of silence', async () => {
    const late = await sound('late', [
      ...['-f', 'lavfi', '-i', `flite=textfile=${await textFile('cities', CITIES)}:voice=rms`],
      ...['-af', 'aresample=16000,adelay=600000'],
    ])
    const early = await transcribe(await spoken('cities', CITIES, 'rms'), fast)

    const transcript = await transcribe(late, fast)

    const shifts = words(transcript).map((word, index) => word.startMs - (words(early)[index]?.startMs ?? 0))
    expect(textOf(transcript)).toBe(textOf(early))
    for (const shift of shifts) expect(Math.abs(shift - 600_000)).toBeLessThanOrEqual(20)
  })

  it('passes over two hours of silence without recognising them', async () => {
    const silence = await sound('two-hours', ['-f', 'lavfi', '-i', 'anullsrc=r=16000', '-t', '7200'])
    const progress: number[] = []

    const transcript = await speech.transcribe(silence, {
      ...{ job: jobInMemory(), signal: never() },
      onProgress: (p) => progress.push(p),
    })

    expect(transcript).toMatchObject({ durationMs: 7_200_000, segments: [] })
    // The recogniser reports once per span it begins: none was.
    expect(progress).toEqual([1])
  })

  it.each([
    ['white noise', ['-f', 'lavfi', '-i', 'anoisesrc=r=16000:c=white:a=0.5:d=4:seed=7']],
    ['a hum', ['-f', 'lavfi', '-i', 'sine=f=50:r=16000:d=4']],
    ['20 ms of sound', ['-f', 'lavfi', '-i', 'sine=f=440:r=16000:d=0.02']],
    ['one click', ['-f', 'lavfi', '-i', "aevalsrc='if(eq(n,8000),0.9,0)':s=16000:d=1"]],
  ])('ends well on %s', async (name, args) => {
    const transcript = await transcribe(await sound(name, args))

    expect(words(transcript).every((word) => word.endMs <= transcript.durationMs)).toBe(true)
  })

  it.each([
    ['nothing', undefined, 'en'],
    ['"undetermined"', 'und', 'en'],
    ['American English', 'en-US', 'en-US'],
    ['English by three letters', 'eng', 'eng'],
  ])('takes %s for English', async (_, language, answered) => {
    const silence = await sound('second', ['-f', 'lavfi', '-i', 'anullsrc=r=16000', '-t', '1'])

    const transcript = await speech.transcribe(silence, {
      language,
      job: jobInMemory(),
      signal: never(),
      onProgress: () => {},
    })

    expect(transcript.language).toBe(answered)
  })

  it.each(['fr', 'de-DE', 'zh', 'enm', 'x'])(
    'refuses %s instead of hearing English in it',
    async (language) => {
      const heard = speech.transcribe(await spoken('cities', CITIES, 'slt'), {
        language,
        ...{ job: jobInMemory(), signal: never() },
        onProgress: () => {},
      })

      await expect(heard).rejects.toMatchObject({
        code: 'language-not-supported',
        message: expect.stringContaining(`"${language}"`),
      })
    },
  )

  it('refuses what is not a 16 kHz mono WAV, with what it found', async () => {
    const path = join(folder, 'stereo.wav')
    await run('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      'anullsrc=r=44100:cl=stereo',
      '-t',
      '1',
      path,
    ])

    await expect(
      transcribe({ path, format: 'wav', bytes: 1, durationMs: 1000, spans: [] }),
    ).rejects.toMatchObject({
      code: 'sound-unreadable',
      message: expect.stringContaining('2 channels, 44100 Hz'),
    })
  })

  it('reads a WAV whose header promises more than there is', async () => {
    const transcript = await transcribe(await promisingTooMuch())

    expect(transcript.durationMs).toBeGreaterThan(1990)
    expect(transcript.durationMs).toBeLessThanOrEqual(2000)
    expect(textOf(transcript)).toContain('it was the')
  })
})

/** Each sound is heard once, however many look at its transcript: that takes seconds. */
const heard = new Map<string, Promise<Transcript>>()
const keyOf = ({ path }: Sound, { model }: SpeechToText) => `${model} ${path}`

function transcribe(from: Sound, by = speech): Promise<Transcript> {
  const key = keyOf(from, by)
  const transcript =
    heard.get(key) ?? by.transcribe(from, { job: jobInMemory(), signal: never(), onProgress: () => {} })
  heard.set(key, transcript)
  return transcript
}

async function remembered(from: Sound, options: TranscribeOptions): Promise<Transcript> {
  const transcript = await speech.transcribe(from, options)
  if (options.language === undefined) heard.set(keyOf(from, speech), Promise.resolve(transcript))
  return transcript
}

/** Two seconds, and the header of more. */
async function promisingTooMuch(): Promise<Sound> {
  const whole = await readFile((await spoken('cities', CITIES, 'slt')).path)
  const path = join(folder, 'promises.wav')
  await writeFile(path, whole.subarray(0, 64_000))
  return prepareSound(path, { limits: speech.capabilities, signal: never() })
}

async function spoken(name: string, text: string, voice: string): Promise<Sound> {
  const source = `flite=textfile=${await textFile(name, text)}:voice=${voice}`
  return sound(`${name}-${voice}`, ['-f', 'lavfi', '-i', source])
}

/** In the plain temporary directory: a filter's options would need their own quoting for the folder's name. */
async function textFile(name: string, text: string): Promise<string> {
  const path = join(tmpdir(), `flite-${process.pid}-${name}.txt`)
  await writeFile(path, text)
  return path
}

async function sound(name: string, args: readonly string[]): Promise<Sound> {
  const path = join(folder, `${name}.wav`)
  if (!existsSync(path))
    await run('ffmpeg', ['-v', 'error', ...args, '-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', path])
  return prepareSound(path, { limits: speech.capabilities, signal: never() })
}

/** Words and starts of an alignment as pocketsphinx writes it, seconds as `b`, pronunciations as `to(3)`. */
async function alignment(path: string) {
  const { w } = JSON.parse(await readFile(path, 'utf8')) as { w: { t: string; b: number }[] }
  const spokenWords = w.filter(({ t }) => !t.startsWith('<'))
  return spokenWords.map(({ t, b }) => ({ text: t.replace(/\(\d+\)$/, ''), startMs: b * 1000 }))
}

function words(transcript: Transcript) {
  return transcript.segments.flatMap((segment) => segment.words)
}

function textOf(transcript: Transcript): string {
  return words(transcript)
    .map((word) => word.text)
    .join(' ')
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function never(): AbortSignal {
  return new AbortController().signal
}
