// Builds the programs into the folder that is named, `.cache/built/<digest of the sources>`, unless it is there.

import path from 'node:path'
import { build } from './build.ts'
import { sourcesDigest } from './digest.ts'
import { makeOnce } from './make-once.ts'
import { ROOT } from './programs.ts'

const [directory = ''] = process.argv.slice(2)
await makeOnce(directory, async (draft) => {
  await build(draft)
  if (sourcesDigest(ROOT) !== path.basename(directory)) throw new Error('the sources have changed meanwhile')
})
