// Builds the programs, unless that has been done, and says in which folder they are, or in a sentence why not.

import { mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { buildPrograms } from './build-programs.ts'
import { builtDirectory } from './built-programs.ts'
import { makeOnce } from './make-once.ts'
import { PROGRAMS } from './programs.ts'

try {
  console.log(await build())
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function build(): Promise<string> {
  const directory = builtDirectory()
  assertInPlace(path.dirname(directory))
  await makeOnce(directory, async (draft) => {
    await buildPrograms(PROGRAMS, draft)
    if (builtDirectory() !== directory) throw new Error('the sources have changed meanwhile')
  })
  return directory
}

/** Behind a link they would find neither the project's folders nor its packages. */
function assertInPlace(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const place = realpathSync(folder)
  if (place !== folder) throw new Error(`${folder} is a link to ${place}`)
}
