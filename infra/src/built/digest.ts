import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Sixteen hex digits, others whenever a source of the programs or the version of a package is another. Takes 50 ms. */
export function sourcesDigest(root: string): string {
  const hash = createHash('sha256')
  for (const file of [...sourcesOf(root), 'package-lock.json']) {
    const bytes = readFileSync(path.join(root, file))
    hash.update(`${file} ${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex').slice(0, 16)
}

/** In a fixed order. Lua is not among them: programs read it where its source is. */
function sourcesOf(root: string): string[] {
  return workspaces(root)
    .flatMap((folder) => [
      path.join(folder, 'package.json'),
      ...readdirSync(path.join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
        .filter(isSource)
        .map((file) => path.join(folder, 'src', file)),
    ])
    .sort()
}

function workspaces(root: string): string[] {
  const groups = ['libs', 'services'].flatMap((group) =>
    readdirSync(path.join(root, group)).map((name) => path.join(group, name)),
  )
  return [...groups, 'infra']
}

const isSource = (file: string): boolean => /[.](ts|json)$/.test(file) && !/[.]test[.]ts$/.test(file)
