import { execFile } from 'node:child_process'
import { existsSync, utimes } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { sourcesDigest } from './digest.ts'
import { type Programs, ROOT } from './programs.ts'

/** It takes two seconds of a core. Others may be building, too, and one that waits for them builds nothing. */
const BUILD_TIMEOUT_MS = 180_000
const TOUCH_EVERY_MS = 24 * 3_600_000

/**
 * The programs as JavaScript, built of the present sources unless that has been done. Whoever holds on to what this gives
 * keeps to these sources, whatever is edited meanwhile. Rejects when they can't be built.
 */
export async function builtPrograms(): Promise<Programs> {
  const present = builtDirectory()
  const directory = existsSync(present) ? present : await buildInOtherProcess()
  touch(directory)
  // A stack that runs for weeks goes on starting its programs from there.
  setInterval(touch, TOUCH_EVERY_MS, directory).unref()
  return (name) => path.join(directory, `${name}.mjs`)
}

/** Says that it is in use. Whoever removed it by hand meanwhile has chosen to. */
function touch(directory: string): void {
  const now = new Date()
  utimes(directory, now, now, () => {})
}

/** Where the programs are, once they are built of the present sources. */
export const builtDirectory = (): string => path.join(ROOT, '.cache/built', sourcesDigest(ROOT))

/** Which takes 400 MB for those two seconds. */
async function buildInOtherProcess(): Promise<string> {
  const program = path.join(import.meta.dirname, 'main.ts')
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: BUILD_TIMEOUT_MS })
    return stdout.trim()
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string }
    throw new Error(stderr?.trim() || message, { cause: error })
  }
}
