import { execFile } from 'node:child_process'
import { existsSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { sourcesDigest } from './digest.ts'
import { type Programs, ROOT } from './programs.ts'

/** It takes two seconds of a core. Others may be building, too, and one that waits for them builds nothing. */
const BUILD_TIMEOUT_MS = 180_000

/**
 * The programs as JavaScript, built of the present sources unless that has been done. Whoever holds on to what this gives
 * keeps to these sources, whatever is edited meanwhile. Rejects when they can't be built.
 */
export async function builtPrograms(): Promise<Programs> {
  const directory = path.join(ROOT, '.cache/built', sourcesDigest(ROOT))
  if (!existsSync(directory)) await buildInto(directory)
  const now = new Date()
  utimesSync(directory, now, now)
  return (name) => path.join(directory, `${name}.mjs`)
}

/** In a process of its own, which takes 400 MB for those two seconds. */
async function buildInto(directory: string): Promise<void> {
  const program = path.join(import.meta.dirname, 'main.ts')
  await promisify(execFile)(process.execPath, [program, directory], { timeout: BUILD_TIMEOUT_MS })
}
