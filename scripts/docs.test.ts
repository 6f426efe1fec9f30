import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, sourceFiles } from './checks/source-files.ts'
import { configVariables } from './docs/config-variables.ts'
import { claimsOf, envNames, namedTests, tabledVariables } from './docs/read-markdown.ts'

/** The stack starts the embedded database with these by itself; a user's would change nothing. */
const NOT_FOR_USERS = 'infra/src/embedded/pglite-main.ts'
/** What docker-compose.yml itself reads, and no program of ours. */
const COMPOSE_ONLY = ['POSTGRES_PASSWORD']

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')
const pages = globSync(['*.md', 'docs/**/*.md', '{libs,services}/*/README.md'], { cwd: ROOT }).sort()
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

describe.each(pages)('%s', (page) => {
  const { links, paths, npmScripts } = claimsOf(read(page))
  const folder = path.dirname(path.join(ROOT, page))

  it('links to and names only what exists', () => {
    const fromHere = [...links, ...paths.filter((it) => it.startsWith('src/'))]
    const fromRoot = paths.filter((it) => !it.startsWith('src/'))

    expect([
      ...fromHere.filter((target) => !isThere(folder, target)),
      ...fromRoot.filter((target) => !isThere(ROOT, target)),
    ]).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    expect(npmScripts.filter((name) => !(name in scripts))).toEqual([])
  })
})

it('ARCHITECTURE.md names only tests that exist', () => {
  const named = namedTests(read('ARCHITECTURE.md'))

  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(({ file, title }) => !isThere(ROOT, file) || !read(file).includes(title))).toEqual([])
})

it('.env.example lists exactly the variables that the code reads, each with a word about it', async () => {
  const sources = await sourceFiles('{libs,services,infra,scripts}/**/*.ts')
  const shapes = configVariables(sources.filter((file) => !/[.]test[.]ts$|\/fixtures\//.test(file.path)))
  shapes.delete(NOT_FOR_USERS)
  const example = read('.env.example')

  expect(envNames(example).toSorted()).toEqual(
    [...new Set([...[...shapes.values()].flat(), ...COMPOSE_ONLY])].toSorted(),
  )
  const lines = example.split('\n')
  const bare = lines.filter((line, index) => /^[A-Z]/.test(line) && !lines[index - 1]?.startsWith('# '))
  expect(bare).toEqual([])
})

it('docker-compose.yml asks for no variable that .env.example does not name', () => {
  const asked = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)

  expect(envNames(read('.env.example'))).toEqual(expect.arrayContaining(asked))
})

it('README.md explains every variable of .env.example', () => {
  expect(tabledVariables(read('README.md')).toSorted()).toEqual(envNames(read('.env.example')).toSorted())
})

/** A `*` stands for one name, as in services/<any>/src/main.ts. */
function isThere(folder: string, target: string): boolean {
  if (target.includes('*')) return globSync(target, { cwd: folder }).length > 0
  return existsSync(path.join(folder, target))
}
