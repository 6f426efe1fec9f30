import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { extractSpeech } from './extract-speech.ts'
import { type SoundChoice, storedProbe } from './find-sound.ts'
import { inspectMedia } from './inspect.ts'
import { measureMixes } from './measure-mixes.ts'
import { planMixes, usualMix } from './plan-downmix.ts'
import { planDecode, planTimeline } from './plan-extraction.ts'
import { probeMedia } from './probe.ts'
import { runPiped } from './run-tool.ts'
import { levelDb, type MediaLab, mediaLab, risingTone, samplesOf } from './testing/media-lab.ts'

let lab: MediaLab
beforeAll(async () => {
  lab = await mediaLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

async function extracted(file: string, options: SoundChoice = {}) {
  const outPath = lab.path('speech.wav')
  const { durationMs } = await extractSpeech(file, { ...options, outPath })
  return { durationMs, samples: await samplesOf(outPath) }
}

const SECOND = { index: 1, kind: 'audio', channels: 1 } as const

/** Largest difference of two stretches, of 32,768. */
function difference(a: Int16Array, b: Int16Array): number {
  return a.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (b[i] ?? 0))), 0)
}

it.each([
  ['a.wav', []],
  ['a.flac', []],
  ['a.mp3', ['-q:a', '5']],
  ['no-index.mp3', ['-q:a', '5', '-write_xing', '0']],
  ['a.m4a', ['-b:a', '48k']],
  ['a.opus', []],
  ['late-clock.ts', ['-c:a', 'aac', '-output_ts_offset', '36000']],
  ['dictated.wav', ['-c:a', 'adpcm_ima_wav']],
  ['raw.dts', ['-ar', '44100', '-strict', '-2', '-c:a', 'dca']],
])('cuts %s exactly where it says', async (name, args) => {
  const file = await lab.make(name, ...risingTone(20), ...args)
  const probe = await probeMedia(file)
  const whole = await extracted(file, { probe })

  const part = await extracted(file, { probe, startMs: 7123, endMs: 11_457 })

  expect(part.durationMs).toBe(4334)
  expect(part.samples).toHaveLength(4334 * 16)
  // A cut 1 ms off would differ by thousands.
  expect(difference(part.samples, whole.samples.subarray(7123 * 16))).toBeLessThan(700)
})

it('cuts a WAV whose header tells a false byte rate exactly where it says', async () => {
  const file = await lab.make('false-rate.wav', ...risingTone(20))
  const bytes = await readFile(file)
  // Bytes a second: half as many as there are.
  bytes.writeUInt32LE(16_000, 28)
  await writeFile(file, bytes)
  const whole = await extracted(file)

  const part = await extracted(file, { startMs: 7123, endMs: 11_457 })

  expect(difference(part.samples, whole.samples.subarray(7123 * 16))).toBeLessThan(700)
})

it.each<[string, string, number, string, string[]]>([
  ['a gap', 'gap.mka', 1, 'mono', ['-af', "aselect='not(between(t,2,3))'", '-c:a', 'libopus']],
  ['24 bits at 96 kHz', 'fine.flac', 2, 'stereo', ['-ar', '96000', '-sample_fmt', 's32', '-ac', '2']],
  ['a lossy codec', 'lossy.m4a', 2, 'stereo', ['-ar', '44100', '-ac', '2']],
  ['a centre', 'film.ac3', 6, '5.1(side)', ['-af', 'pan=5.1|c0=0.3*c0|c1=0.3*c0|c2=c0']],
])(
  'writes sound with %s while it measures, each sample as two runs do',
  async (_, name, channels, layout, args) => {
    const filePath = await lab.make(name, ...risingTone(5, 48_000), ...args)
    const range = { filePath, streamIndex: 0, startMs: 1500 }
    const [oneRun, twoRuns] = [lab.path('one-run.wav'), lab.path('two-runs.wav')]
    const plan = planMixes(channels, layout)
    const run = { timeoutMs: 60_000, onStdoutLine: () => {} }

    const { isWhole } = await measureMixes(range, plan, { ...run, outPath: oneRun })

    const decode = planDecode(range, plan, plan.mixes[usualMix(plan)]?.pan ?? '', 0)
    const place = planTimeline(range, twoRuns)
    await runPiped({ ...run, command: 'ffmpeg', args: decode }, { ...run, command: 'ffmpeg', args: place })
    expect(isWhole).toBe(true)
    expect(await readFile(oneRun)).toEqual(await readFile(twoRuns))
  },
)

it('counts the duration in samples, though the header is wrong', async () => {
  const file = await lab.make('streamed.webm', ...risingTone(5), '-c:a', 'libopus', '-live', '1')

  const { durationMs, samples } = await extracted(file)

  expect(durationMs).toBe(Math.round(samples.length / 16))
  expect(Math.abs(durationMs - 5000)).toBeLessThan(50)
})

it.each(['late.mkv', 'late.ts'])(
  'keeps words at their times when sound starts after the picture of %s',
  async (name) => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10:d=5']
    const maps = ['-map', '0:v', '-map', '1:a', '-c:a', 'aac']
    const file = await lab.make(name, ...picture, '-itsoffset', '2', ...risingTone(3), ...maps)

    const { durationMs, samples } = await extracted(file)
    const part = await extracted(file, { startMs: 3000, endMs: 4500 })

    expect(Math.abs(durationMs - 5000)).toBeLessThan(50)
    expect(levelDb(samples.subarray(0, 1900 * 16))).toBe(Number.NEGATIVE_INFINITY)
    expect(levelDb(samples.subarray(2100 * 16))).toBeGreaterThan(-20)
    expect(difference(part.samples, samples.subarray(3000 * 16))).toBeLessThan(700)
    expect(Math.abs((await inspectMedia(file)).soundEndMs - durationMs)).toBeLessThan(50)
  },
)

it.each(['gap.mka', 'gap.m4a'])('has silence for a stretch that lies in a gap of %s', async (name) => {
  const cut = ['-af', "aselect='not(between(t,4,16))'"]
  const file = await lab.make(name, ...risingTone(20), ...cut)

  const { durationMs, samples } = await extracted(file, { startMs: 7123, endMs: 11_457 })

  expect([durationMs, samples.length]).toEqual([4334, 4334 * 16])
  expect(levelDb(samples)).toBe(Number.NEGATIVE_INFINITY)
})

it.each(['pause.ts', 'pause.opus'])('keeps a pause of 12 s in %s, wherever reading starts', async (name) => {
  const file = await lab.make(name, ...risingTone(20), '-af', "aselect='not(between(t,4,16))'")
  const whole = await extracted(file)

  const part = await extracted(file, { startMs: 17_123, endMs: 19_457 })

  expect(Math.abs(whole.durationMs - 20_000)).toBeLessThan(100)
  expect(Math.abs((await inspectMedia(file)).soundEndMs - 20_000)).toBeLessThan(100)
  expect(difference(part.samples, whole.samples.subarray(17_123 * 16))).toBeLessThan(700)
})

it.each<[string, string[]]>([
  ['ts', []],
  ['opus', ['-serial_offset', '7']],
])('finds its way in two recordings that were joined end to end to .%s', async (ending, ofSecond) => {
  const file = await lab.make(`joined.${ending}`, ...risingTone(12))
  const second = await lab.make(`second.${ending}`, ...risingTone(12), ...ofSecond)
  await writeFile(file, Buffer.concat([await readFile(file), await readFile(second)]))
  const inspection = await inspectMedia(file)
  const probe = storedProbe(JSON.parse(JSON.stringify(inspection)))
  const whole = await extracted(file)

  const part = await extracted(file, { probe, startMs: 15_123, endMs: 17_457 })

  expect(Math.abs(inspection.soundEndMs - whole.durationMs)).toBeLessThan(100)
  expect(Math.abs(whole.durationMs - 24_000)).toBeLessThan(200)
  expect(difference(part.samples, whole.samples.subarray(15_123 * 16))).toBeLessThan(700)
})

it.each([
  ['sides that cancel each other', 'pan=stereo|c0=c0|c1=-1*c0'],
  ['a silent left side', 'pan=stereo|c0=0*c0|c1=c0'],
  ['speech in the centre of 5.1 only', 'pan=5.1|c2=c0'],
  ['speech in the front of 5.1 only', 'pan=5.1|c0=c0|c1=c0'],
])('hears %s', async (_, filter) => {
  const file = await lab.make('channels.flac', ...risingTone(3), '-af', filter)

  const { samples } = await extracted(file)

  expect(levelDb(samples)).toBeGreaterThan(-30)
})

it('raises what is 45 dB down and has pauses, as speech has', async () => {
  const pulses = "aevalsrc='0.5*sin(2000*t)*lt(mod(t,1),0.2)':s=16000:d=5"
  const file = await lab.make('quiet.flac', '-f', 'lavfi', '-i', pulses, '-af', 'volume=-45dB')

  const { samples } = await extracted(file)

  expect(levelDb(samples)).toBeGreaterThan(-30)
})

it('raises what is quiet behind a loud beginning that has to be read as well', async () => {
  const pulses = "aevalsrc='0.5*sin(2000*t)*lt(mod(t,1),0.2)*if(lt(t,5),1,0.006)':s=16000:d=10"
  const file = await lab.make('quiet-end.wav', '-f', 'lavfi', '-i', pulses, '-c:a', 'adpcm_ima_wav')

  const { samples } = await extracted(file, { startMs: 7000, endMs: 9500 })

  expect(levelDb(samples)).toBeGreaterThan(-30)
})

it('hears channels that ffmpeg has no layout for', async () => {
  const file = await lab.make(
    'odd.wav',
    ...risingTone(2),
    '-af',
    'aformat=s16,channelmap=map=0|0:channel_layout=FL+BC',
  )

  expect((await inspectMedia(file)).decodedMs).toBe(2000)
  expect(levelDb((await extracted(file)).samples)).toBeGreaterThan(-30)
})

it('raises no silence', async () => {
  const file = await lab.make('silence.flac', '-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=stereo:d=2')

  expect(levelDb((await extracted(file)).samples)).toBe(Number.NEGATIVE_INFINITY)
})

it('reads on through a change of sample rate and channels', async () => {
  const mono = await lab.make('mono.mp3', ...risingTone(3, 44_100), '-write_xing', '0', '-id3v2_version', '0')
  const stereo = await lab.make(
    'stereo.mp3',
    ...risingTone(3, 48_000),
    '-ac',
    '2',
    '-write_xing',
    '0',
    '-id3v2_version',
    '0',
  )
  await writeFile(lab.path('spliced.mp3'), Buffer.concat([await readFile(mono), await readFile(stereo)]))

  const { durationMs, samples } = await extracted(lab.path('spliced.mp3'))

  expect(Math.abs(durationMs - 6000)).toBeLessThan(200)
  expect(levelDb(samples.subarray(4000 * 16, 5500 * 16))).toBeGreaterThan(-20)
})

it('refuses a stretch behind the end, whatever an earlier run left in its place', async () => {
  const file = await lab.make('short.flac', ...risingTone(2))
  const outPath = lab.path('leftover.wav')
  await extractSpeech(file, { outPath })

  const behind = extractSpeech(file, { startMs: 60_000, endMs: 90_000, outPath })

  await expect(behind).rejects.toMatchObject({ code: 'media-undecodable' })
  expect(existsSync(outPath)).toBe(false)
})

it('takes the stream it is told to, or that was found before', async () => {
  const file = await lab.make(
    'two.mka',
    ...risingTone(2),
    '-f',
    'lavfi',
    '-i',
    'anullsrc=r=16000:d=2',
    '-map',
    '0',
    '-map',
    '1',
    '-c:a',
    'flac',
  )
  const outPath = lab.path('second.wav')

  for (const told of [{ streamIndex: 1 }, { probe: { audioStreamIndex: 1, streams: [SECOND] } }]) {
    await extractSpeech(file, { ...told, outPath })

    expect(levelDb(await samplesOf(outPath))).toBe(Number.NEGATIVE_INFINITY)
  }
})

it('blames no recording that is not there', async () => {
  const [nowhere, outPath] = [lab.path('nowhere.flac'), lab.path('x.wav')]
  const probe = { audioStreamIndex: 1, streams: [SECOND] }

  for (const options of [{ outPath }, { outPath, probe }]) {
    await expect(extractSpeech(nowhere, options)).rejects.toMatchObject({ code: 'ENOENT' })
  }
})

it('tells how far it is', async () => {
  const file = await lab.make('progress.flac', ...risingTone(5))
  const seen: number[] = []

  await extractSpeech(file, { outPath: lab.path('progress.wav'), onProgress: (doneMs) => seen.push(doneMs) })

  expect(seen.length).toBeGreaterThan(0)
  expect(seen.at(-1)).toBeLessThanOrEqual(5000)
})

it('leaves no file behind when aborted', async () => {
  const file = await lab.make('aborted.flac', '-f', 'lavfi', '-i', 'anullsrc=r=8000:d=1800')
  const abort = new AbortController()
  const outPath = lab.path('aborted.wav')
  const options = { outPath, signal: abort.signal, onProgress: () => abort.abort(new Error('cancelled')) }

  await expect(extractSpeech(file, options)).rejects.toThrow('cancelled')

  expect(existsSync(outPath)).toBe(false)
})

it('refuses a stream that is no sound', async () => {
  const file = await lab.make('plain.flac', ...risingTone(1))

  await expect(extractSpeech(file, { streamIndex: 7, outPath: lab.path('x.wav') })).rejects.toMatchObject({
    code: 'media-no-audio',
  })
})
