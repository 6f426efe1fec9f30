import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Beside the sources: versions of packages, and how what builds reads TypeScript. */
const SETTINGS = ['package-lock.json', 'tsconfig.json']

/** Sixteen hex digits, others whenever a source of the programs or the version of a package is another. Takes 50 ms. */
export function sourcesDigest(root: string): string {
  const hash = createHash('sha256')
  for (const file of [...sourcesOf(root), ...SETTINGS]) {
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

/** Folders without a manifest are what another branch has left. */
function workspaces(root: string): string[] {
  const groups = ['libs', 'services'].flatMap((group) =>
    readdirSync(path.join(root, group)).map((name) => path.join(group, name)),
  )
  return [...groups, 'infra'].filter((folder) => existsSync(path.join(root, folder, 'package.json')))
}

/** Editors and desktops leave hidden files beside ours, and links that lead nowhere. */
function isSource(file: string): boolean {
  const name = path.basename(file)
  return /[.](ts|json)$/.test(name) && !/^[.]|[.]test[.]ts$/.test(name)
}
