import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileUrl, QUIET } from './ffmpeg-args.ts'
import { runTool } from './run-tool.ts'

export type Voice = 'slt' | 'rms' | 'awb' | 'kal' | 'kal16'

export interface SpeakOptions {
  /** slt and rms are understood best. */
  voice?: Voice
  /** The extension decides the format: .wav, .mp3, .m4a, .flac … */
  outPath: string
  signal?: AbortSignal | undefined
}

/** flite reads about twelve characters a second and works a hundred times faster. */
const TIMEOUT_FLOOR_MS = 60_000

/** Reads English text aloud with ffmpeg's built-in synthesizer: real sound for the demo and for tests. */
export async function speak(text: string, { voice = 'slt', outPath, signal }: SpeakOptions): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scriptorium-speak-'))
  try {
    // A plain name in the working folder needs none of the filter language's two levels of escaping.
    await writeFile(path.join(folder, 'text.txt'), text)
    const source = ['-f', 'lavfi', '-i', `flite=textfile=text.txt:voice=${voice}`]
    const args = [...QUIET, ...source, '-y', fileUrl(outPath)]
    await runTool({ command: 'ffmpeg', args, cwd: folder, timeoutMs: TIMEOUT_FLOOR_MS + text.length, signal })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether this machine's ffmpeg can `speak`: Debian's and Ubuntu's can, many others are built without. */
export async function hasFlite({ signal }: Pick<SpeakOptions, 'signal'> = {}): Promise<boolean> {
  const { stdout } = await runTool({
    command: 'ffmpeg',
    args: ['-hide_banner', '-v', 'error', '-filters'],
    timeoutMs: TIMEOUT_FLOOR_MS,
    signal,
  })
  return /^ \S+ flite /m.test(stdout)
}
