import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceFile } from './find-workers.ts'

export const ROOT = join(import.meta.dirname, '../..')

/** Our source files that match, with forward slashes, in a fixed order. */
export async function sourceFiles(pattern: string): Promise<SourceFile[]> {
  const paths: string[] = []
  for await (const path of glob(pattern, { cwd: ROOT, exclude: (name) => name.includes('node_modules') })) {
    paths.push(path)
  }
  return Promise.all(
    paths.sort().map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })),
  )
}
