import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { applyEdits } from './apply-edits.ts'
import type { Edit } from './mutation.ts'

/** What .gitignore leaves out, and git itself: the copy needs no history, and a project without one will do. */
const NO_SOURCES = /^(node_modules|[.]git|[.]data|[.]cache|coverage|[.]env|.*[.]log)$/

export interface WorkingCopy {
  /** Absolute, without links in it. */
  root: string
  /** Makes these edits for as long as `work` takes. */
  with<T>(edits: readonly Edit[], work: () => Promise<T>): Promise<T>
  remove(): void
}

/**
 * A copy of the project's sources in a folder that is thrown away. Its packages are links: those of others to where
 * they are installed, our own to the copy, so that what is edited here is what runs.
 */
export function makeWorkingCopy(project: string): WorkingCopy {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'scriptorium-mutate-')))
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  // However we go.
  process.once('exit', remove)
  cpSync(project, root, { recursive: true, filter: (file) => !NO_SOURCES.test(path.basename(file)) })
  linkPackages(path.join(project, 'node_modules'), path.join(root, 'node_modules'), ownPackages(root))
  return {
    root,
    remove,
    async with(edits, work) {
      const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
      const changed = applyEdits(edits, read)
      const before = new Map([...changed.keys()].map((file) => [file, read(file)]))
      for (const [file, text] of changed) writeFileSync(path.join(root, file), text)
      try {
        return await work()
      } finally {
        for (const [file, text] of before) writeFileSync(path.join(root, file), text)
      }
    },
  }
}

/** The folders of the workspaces by their packages' names. */
function ownPackages(root: string): Map<string, string> {
  const { workspaces } = readJson(path.join(root, 'package.json')) as { workspaces: string[] }
  const folders = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  )
  return new Map(
    folders.map((file) => {
      const { name } = readJson(path.join(root, file)) as { name: string }
      return [name, path.join(root, path.dirname(file))]
    }),
  )
}

function linkPackages(from: string, to: string, own: ReadonlyMap<string, string>): void {
  mkdirSync(to)
  const ownScopes = new Set(
    [...own.keys()].filter((name) => name.includes('/')).map((name) => name.split('/')[0]),
  )
  for (const name of readdirSync(from)) {
    // Caches of tools begin with a dot; `.bin` is where programs are.
    if (name.startsWith('.') && name !== '.bin') continue
    if (!ownScopes.has(name) && !own.has(name)) symlinkSync(path.join(from, name), path.join(to, name))
  }
  for (const [name, folder] of own) {
    mkdirSync(path.dirname(path.join(to, name)), { recursive: true })
    symlinkSync(folder, path.join(to, name))
  }
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
