import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Word } from '@app/contracts'
import { runTool } from '@app/media'
import type { Hear, Sound } from './heard.ts'
import { planSpans, readPauses, type Span, wordsOfCtm } from './plan-spans.ts'

/** Decoding and recognising take a sixth of the sound's time on a free core; this one may be far from free. */
const TIMEOUT_BASE_MS = 120_000
const TIMEOUT_PER_MS = 10
/** As the service's own recogniser has them: the language model was made from news, and books speak otherwise. */
const WEIGHTS = ['-lw', '6', '-fwdflatlw', '8', '-bestpathlw', '8.5', '-maxhmmpf', '5000']

/** Reads real sound, English only: CMU PocketSphinx between the pauses that ffmpeg finds. */
export function hearByPocketSphinx(): Hear {
  return async (sound, signal) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'sandbox-hear-'))
    try {
      const timeoutMs = TIMEOUT_BASE_MS + sound.durationMs * TIMEOUT_PER_MS
      const pauses = await decode(sound, path.join(directory, 'sound.raw'), { signal, timeoutMs })
      return await recognise(planSpans(pauses, sound.durationMs), { directory, signal, timeoutMs })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

interface Limits {
  signal: AbortSignal
  timeoutMs: number
}

/** Samples on disk, and the pauses between them in one go. */
async function decode(sound: Sound, rawPath: string, limits: Limits): Promise<Span[]> {
  const { pauses, take } = readPauses()
  await runTool({
    command: 'ffmpeg',
    args: [
      ...['-nostdin', '-hide_banner', '-nostats', '-v', 'info', '-protocol_whitelist', 'file', '-i'],
      ...[`file:${sound.path}`, '-map', '0:a:0', '-vn', '-sn', '-dn'],
      ...[
        '-af',
        'aresample=16000,silencedetect=noise=-38dB:duration=0.25',
        '-ac',
        '1',
        '-f',
        's16le',
        '-y',
        rawPath,
      ],
    ],
    onStderrLine: take,
    ...limits,
  })
  return pauses
}

async function recognise(
  spans: readonly Span[],
  { directory, ...limits }: Limits & { directory: string },
): Promise<Word[]> {
  if (spans.length === 0) return []
  const [control, ctm] = [path.join(directory, 'spans.ctl'), path.join(directory, 'words.ctm')]
  // `file startFrame endFrame name,channel,_,startSeconds`: the last is added to each time of the span.
  const lines = spans.map(
    ({ startMs, endMs }, index) =>
      `sound ${Math.floor(startMs / 10)} ${Math.ceil(endMs / 10)} ${index},1,0,${(startMs / 1000).toFixed(2)}\n`,
  )
  await writeFile(control, lines.join(''))
  const sound = ['-adcin', 'yes', '-adchdr', '0', '-cepdir', directory, '-cepext', '.raw']
  await runTool({
    command: 'pocketsphinx_batch',
    args: [...WEIGHTS, ...sound, '-ctl', control, '-ctm', ctm],
    ...limits,
  })
  return wordsOfCtm(await readFile(ctm, 'utf8'))
}
