import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder that is gone with its scope. */
export async function workFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'scriptorium-demo-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
