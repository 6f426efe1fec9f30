import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** Folders that hold versions of PostgreSQL, and where their programs are inside. Distributions keep them off the PATH. */
const HOMES = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt']

/** The folder with `initdb` and `postgres`, the newest where there are several. */
export function postgresPrograms(): string | undefined {
  const versioned = HOMES.flatMap((home) => newestFirst(home).map((name) => path.join(home, name, 'bin')))
  const onPath = (process.env.PATH ?? '').split(path.delimiter)
  return [...versioned, ...onPath].find((folder) =>
    ['initdb', 'postgres'].every((program) => existsSync(path.join(folder, program))),
  )
}

function newestFirst(home: string): string[] {
  if (!existsSync(home)) return []
  const names = readdirSync(home).filter((name) => /^(postgresql|\d)/.test(name))
  return names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
}
