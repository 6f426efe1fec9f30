import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const trees: string[] = []

afterEach(async () => {
  for (const tree of trees.splice(0)) await rm(tree, { recursive: true, force: true })
})

/** The rules that Biome finds broken when this is a file of ours. */
async function brokenRules(source: string, file = 'libs/db/src/planted.ts'): Promise<string[]> {
  const tree = await mkdtemp(join(tmpdir(), 'lint-'))
  trees.push(tree)
  await copyFile(join(root, 'biome.jsonc'), join(tree, 'biome.jsonc'))
  await mkdir(join(tree, file, '..'), { recursive: true })
  await writeFile(join(tree, file), source)
  const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--colors=off', '.']
  const { promise, resolve } = Promise.withResolvers<string>()
  // Exits with 1 when it finds something, so what counts is what it printed.
  execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: tree }, (_error, stdout) => resolve(stdout))
  const report = JSON.parse(await promise) as { diagnostics: { category: string; severity: string }[] }
  return report.diagnostics.filter(({ severity }) => severity === 'error').map(({ category }) => category)
}

const asyncWork = 'async function work(): Promise<void> {}\n'

it.each([
  ['nursery/noFloatingPromises', `${asyncWork}export function run() {\n  work()\n}\n`],
  ['nursery/noMisusedPromises', `${asyncWork}export const a = [1]\na.forEach(async () => work())\n`],
  [
    'nursery/useExhaustiveSwitchCases',
    `export function f(kind: 'a' | 'b') {\n  switch (kind) {\n    case 'a':\n      return 1\n  }\n}\n`,
  ],
  ['suspicious/noExplicitAny', 'export const a = (x: any) => x\n'],
  ['suspicious/noConsole', `console.log('here')\n`],
  ['style/noProcessEnv', 'export const home = process.env.HOME\n'],
  ['style/useThrowOnlyError', `export function f() {\n  throw 'no'\n}\n`],
  ['performance/noBarrelFile', `export { a } from './other.ts'\n`],
])('refuses what %s forbids', { timeout: 30_000 }, async (rule, source) => {
  expect(await brokenRules(source)).toContain(`lint/${rule}`)
})

it('refuses a focused test', { timeout: 30_000 }, async () => {
  const source = `import { it } from 'vitest'\n\nit.only('one', () => {})\n`

  expect(await brokenRules(source, 'libs/db/src/planted.test.ts')).toEqual(['lint/suspicious/noFocusedTests'])
})

it('leaves alone a promise that is awaited, returned or marked', { timeout: 30_000 }, async () => {
  const source = `${asyncWork}export async function run() {\n  void work()\n  await work()\n  return work()\n}\n`

  expect(await brokenRules(source)).toEqual([])
})
