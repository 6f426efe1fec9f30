// Builds the programs, unless that has been done, and says in which folder they are.

import { build } from './build.ts'
import { builtDirectory } from './built-programs.ts'
import { makeOnce } from './make-once.ts'
import { PROGRAMS } from './programs.ts'

const directory = builtDirectory()
await makeOnce(directory, async (draft) => {
  await build(PROGRAMS, draft)
  if (builtDirectory() !== directory) throw new Error('the sources have changed meanwhile')
})
console.log(directory)
