// `npm start`: everything on one machine, from what is built of the sources; with `--watch` from the sources themselves.

import path from 'node:path'
import { builtPrograms } from './built/built-programs.ts'
import { type Programs, sourcePrograms } from './built/programs.ts'

const args = process.argv.slice(2)
const programs = args.some((arg) => ['--watch', '--help', '-h'].includes(arg))
  ? sourcePrograms
  : await built()
const { main }: typeof import('./stack/main.ts') = await import(programs('stack'))
await main(args, programs)

async function built(): Promise<Programs> {
  try {
    const programs = await builtPrograms()
    // What Node compiles of them goes when they do.
    process.env.NODE_COMPILE_CACHE = path.join(path.dirname(programs('stack')), 'compiled')
    return programs
  } catch (error) {
    const { message } = error as Error
    console.error(`Starting from the sources, which takes longer: they could not be built (${message}).`)
    return sourcePrograms
  }
}
