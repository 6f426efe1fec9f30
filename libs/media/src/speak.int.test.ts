import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { detectSilence } from './detect-silence.ts'
import { extractCover } from './extract-cover.ts'
import { inspectMedia } from './inspect.ts'
import { probeMedia } from './probe.ts'
import { hasFlite, speak } from './speak.ts'
import { type MediaLab, mediaLab, risingTone } from './testing/media-lab.ts'

let lab: MediaLab
beforeAll(async () => {
  lab = await mediaLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const canSpeak = await hasFlite()

it.skipIf(!canSpeak)('speaks text full of characters that filters take for their own', async () => {
  const outPath = lab.path("o'clock: 100%.mp3")

  await speak(`It's "half" past [ten]: 100% of it; really, yes.\nSecond line \\ end.`, { outPath })

  const { decodedMs } = await inspectMedia(outPath)
  expect(decodedMs).toBeGreaterThan(3000)
})

it.skipIf(!canSpeak)('finds the pauses of speech by their length', async () => {
  const outPath = lab.path('pause.wav')
  await speak('One two three.', { outPath })
  const file = await lab.make('paused.flac', '-i', outPath, '-af', 'adelay=3000:all=1,apad=pad_dur=4')

  const [before, after, ...others] = await detectSilence(file, { atLeastMs: 2000 })

  expect(before).toMatchObject({ startMs: 0 })
  expect(before?.endMs).toBeGreaterThanOrEqual(3000)
  expect((after?.endMs ?? 0) - (after?.startMs ?? 0)).toBeGreaterThanOrEqual(4000)
  expect(others).toEqual([])
})

it('finds no silence in a steady sound', async () => {
  const file = await lab.make('steady.flac', '-f', 'lavfi', '-i', 'sine=d=5')

  expect(await detectSilence(file, { atLeastMs: 100 })).toEqual([])
})

it('counts silence from the start of the stretch it looks at', async () => {
  const file = await lab.make(
    'gap.mp3',
    '-f',
    'lavfi',
    '-i',
    "aevalsrc='if(between(t,10,14),0,0.3*sin(2000*t))':d=20",
  )

  const [silence] = await detectSilence(file, { startMs: 8000, endMs: 18_000, atLeastMs: 1000 })

  expect(Math.abs((silence?.startMs ?? 0) - 2000)).toBeLessThan(60)
  expect(Math.abs((silence?.endMs ?? 0) - 6000)).toBeLessThan(60)
})

it('hears two hours of silence in one piece', async () => {
  const file = await lab.make('silence-2h.flac', '-f', 'lavfi', '-i', 'anullsrc=r=8000:d=7200')

  expect(await detectSilence(file)).toEqual([{ startMs: 0, endMs: 7_200_000 }])
})

it('writes a large cover as a smaller JPEG', async () => {
  const picture = await lab.make('large.png', '-f', 'lavfi', '-i', 'testsrc2=s=3000x1500', '-frames:v', '1')
  const file = await lab.make(
    'covered.mp3',
    ...risingTone(1),
    '-i',
    picture,
    '-map',
    '0:a',
    '-map',
    '1:v',
    '-c:v',
    'copy',
  )
  const outPath = lab.path('cover %d.jpg')

  expect(await extractCover(file, outPath)).toBe(true)

  const { streams } = await probeCover(outPath)
  expect(streams[0]).toMatchObject({ codec: 'mjpeg', width: 1200, height: 600 })
})

it('finds no cover where there is none, or none that is a picture', async () => {
  const plain = await lab.make('plain.mp3', ...risingTone(1))

  expect(await extractCover(plain, lab.path('none.jpg'))).toBe(false)
  expect(existsSync(lab.path('none.jpg'))).toBe(false)
})

/** A picture is refused as media, so it is looked at inside a file again. */
async function probeCover(jpegPath: string) {
  await writeFile(lab.path('list'), '')
  const file = await lab.make('again.mkv', '-f', 'jpeg_pipe', '-i', `file:${jpegPath}`, '-c:v', 'copy')
  return probeMedia(file)
}
