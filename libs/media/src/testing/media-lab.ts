import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface MediaLab extends AsyncDisposable {
  folder: string
  /** A path in the lab's folder; nothing is written. */
  path(name: string): string
  /** Makes a file with ffmpeg: input arguments, then output arguments; the name stands last. */
  make(name: string, ...args: string[]): Promise<string>
}

/** A folder for material made on the spot, gone at scope end. */
export async function mediaLab(): Promise<MediaLab> {
  const folder = await mkdtemp(path.join(tmpdir(), 'media-lab-'))
  const inFolder = (name: string) => path.join(folder, name)
  return {
    folder,
    path: inFolder,
    async make(name, ...args) {
      await run('ffmpeg', ['-nostdin', '-v', 'error', ...args, '-y', `file:${inFolder(name)}`], {
        cwd: folder,
      })
      return inFolder(name)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Sound whose every moment differs, so that a cut in the wrong place shows: a rising tone that swells and fades. */
export function risingTone(lengthS: number, rate = 16_000): string[] {
  const formula = '0.5*sin(2*PI*(200*t+20*t*t))*(0.5+0.5*sin(2*PI*0.7*t))'
  return ['-f', 'lavfi', '-i', `aevalsrc='${formula}':s=${rate}:d=${lengthS}`]
}

/** The samples of a 16-bit WAV. */
export async function samplesOf(wavPath: string): Promise<Int16Array> {
  const bytes = await readFile(wavPath)
  const start = bytes.indexOf('data') + 8
  return new Int16Array(
    new Uint8Array(bytes.subarray(start, bytes.length - ((bytes.length - start) % 2))).buffer,
  )
}

/** Root mean square in dBFS; −Infinity for digital silence. */
export function levelDb(samples: Int16Array): number {
  const sum = samples.reduce((total, sample) => total + (sample / 32_768) ** 2, 0)
  return 10 * Math.log10(sum / Math.max(1, samples.length))
}
