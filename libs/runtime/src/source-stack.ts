import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/** A place in a built file of ours, as a stack names it. Of packages it is enough to know that they are packages. */
const BUILT_PLACE = /(file:\/\/(?!\S*\/node_modules\/)\S+?[.]mjs):(\d+):(\d+)/g

/**
 * An error's stack that names sources where it named what was built of them. The map of a built file is read when the
 * first error that passed through it is told of: `--enable-source-maps` would cost each process 50 ms at its start.
 */
export function sourceStack(stack: string): string {
  return stack.replace(BUILT_PLACE, (place, url: string, line: string, column: string) => {
    const origin = sourceMapOf(url)?.findOrigin(Number(line), Number(column))
    if (!origin || !('fileName' in origin)) return place
    return `${new URL(origin.fileName, url)}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

const sourceMaps = new Map<string, SourceMap | undefined>()

function sourceMapOf(url: string): SourceMap | undefined {
  if (!sourceMaps.has(url)) sourceMaps.set(url, readSourceMap(url))
  return sourceMaps.get(url)
}

function readSourceMap(url: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8')))
  } catch {
    // Most modules were not built of anything.
    return undefined
  }
}
