import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const cruiser = join(root, 'node_modules/.bin/depcruise')
const rules = join(root, '.dependency-cruiser.mjs')
const trees: string[] = []

afterEach(async () => {
  for (const tree of trees.splice(0)) await rm(tree, { recursive: true, force: true })
})

/** One file per line that breaks exactly one rule: [rule, file, source]. */
const PLANTS: [rule: string, file: string, source: string][] = [
  ['services-are-strangers', 'services/api/src/a.ts', `import '@app/transcriber'`],
  ['services-are-strangers', 'services/api/src/b.ts', `import type { X } from '@app/transcriber'`],
  ['libs-do-not-know-services', 'libs/jobs/src/a.ts', `import '@app/api'`],
  ['libs-do-not-know-services', 'libs/testkit/src/a.ts', `import type { X } from '@app/api'`],
  ['packages-are-entered-by-their-name', 'libs/jobs/src/b.ts', `import '../../db/src/inner.ts'`],
  ['packages-are-entered-by-their-name', 'services/api/src/c.ts', `import '../../../libs/db/src/index.ts'`],
  [
    'packages-are-entered-by-their-name',
    'scripts/a.ts',
    `import type { X } from '../services/api/src/index.ts'`,
  ],
  ['contracts-is-a-leaf', 'libs/contracts/src/a.ts', `import 'node:crypto'`],
  ['contracts-is-a-leaf', 'libs/contracts/src/b.ts', `import type { X } from '@app/runtime'`],
  ['contracts-is-a-leaf', 'libs/contracts/src/c.ts', `import type { X } from 'pino'`],
  ['web-knows-contracts-only', 'apps/web/src/a.ts', `import '@app/db'`],
  ['web-knows-contracts-only', 'apps/web/src/b.ts', `import type { X } from '@app/api'`],
  ['e2e-is-a-client', 'e2e/a.e2e.test.ts', `import '@app/api'`],
  ['runtime-is-below-everything', 'libs/runtime/src/a.ts', `import type { X } from '@app/db'`],
  ['runtime-is-below-everything', 'libs/runtime/src/b.ts', `import '@app/flows'`],
  ['ports-are-strangers', 'libs/db/src/a.ts', `import '@app/jobs'`],
  ['ports-are-strangers', 'libs/bus/src/a.ts', `import type { X } from '@app/db'`],
  ['ports-are-strangers', 'libs/storage/src/a.ts', `import '@app/media'`],
  ['ports-are-strangers', 'libs/media/src/a.ts', `import '@app/language'`],
  ['ports-are-strangers', 'libs/net/src/a.ts', `import type { X } from '@app/media'`],
  ['providers-know-rows-and-limits', 'libs/providers/src/a.ts', `import type { X } from '@app/jobs'`],
  ['providers-know-rows-and-limits', 'libs/providers/src/b.ts', `import '@app/language'`],
  ['language-asks-providers-only', 'libs/language/src/a.ts', `import type { X } from '@app/flows'`],
  ['language-asks-providers-only', 'libs/language/src/b.ts', `import '@app/db'`],
  ['bus-knows-no-postgres', 'libs/bus/src/b.ts', `import type { X } from 'kysely'`],
  ['flows-are-pure', 'libs/flows/src/a.ts', `import type { X } from '@app/db'`],
  ['flows-are-pure', 'libs/flows/src/b.ts', `import 'node:fs'`],
  ['platforms-are-pure', 'libs/platforms/src/a.ts', `import type { X } from '@app/runtime'`],
  ['platforms-are-pure', 'libs/platforms/src/b.ts', `import 'node:net'`],
  ['plans-are-pure', 'services/api/src/plan/a.ts', `import { readFile } from 'node:fs/promises'`],
  ['plans-are-pure', 'services/api/src/plan/b.ts', `import 'fs'`],
  ['plans-are-pure', 'services/api/src/plan/c.ts', `import type { X } from 'node:child_process'`],
  ['plans-are-pure', 'services/api/src/plan/d.ts', `import type { X } from '@app/runtime'`],
  ['plans-are-pure', 'services/api/src/plan/e.ts', `import type { X } from 'pino'`],
  ['testkit-is-for-tests', 'services/api/src/d.ts', `import '@app/testkit'`],
  ['testkit-is-for-tests', 'libs/jobs/src/c.ts', `import type { X } from '@app/testkit'`],
  ['sandbox-is-for-tests', 'services/api/src/e.ts', `import '@app/sandbox'`],
  ['sandbox-is-for-tests', 'libs/jobs/src/f.ts', `import type { X } from '@app/sandbox'`],
  ['sandbox-is-a-stranger', 'libs/sandbox/src/a.ts', `import '@app/language'`],
  ['sandbox-is-a-stranger', 'libs/sandbox/src/b.ts', `import type { X } from 'openai'`],
  ['peers-are-for-benchmarks', 'libs/jobs/src/e.ts', `import 'bullmq'`],
  ['peers-are-for-benchmarks', 'scripts/b.ts', `import type { X } from 'bullmq'`],
  ['no-cycles', 'libs/db/src/b.ts', `import './c.ts'`],
  ['everything-resolves', 'libs/db/src/d.ts', `import './gone.ts'`],
  ['everything-resolves', 'libs/jobs/src/d.ts', `import '@app/db/src/inner.ts'`],
]

/** The way back of the planted cycle, which is reported once. */
const CYCLE_END: [file: string, source: string] = ['libs/db/src/c.ts', `import type { X } from './b.ts'`]

/** What the rules must leave alone. */
const CLEAN: [file: string, source: string][] = [
  ['libs/contracts/src/job.ts', `import { z } from 'zod'; export const job = z`],
  ['libs/contracts/src/job.test.ts', `import 'node:fs'; import 'vitest'`],
  ['libs/runtime/src/log.ts', `import 'pino'; import 'node:fs'; import type { X } from '@app/contracts'`],
  ['libs/db/src/inner.ts', `import 'kysely'; import '@app/runtime'; import type { X } from '@app/contracts'`],
  ['libs/db/src/inner.int.test.ts', `import '@app/testkit'; import './inner.ts'`],
  ['libs/storage/src/storage.conformance.ts', `import 'vitest'; import '@app/testkit'`],
  [
    'libs/providers/src/calls.ts',
    `import '@app/db'; import type { X } from '@app/bus'; import '@app/runtime'`,
  ],
  ['libs/language/src/embed.ts', `import '@app/providers'; import '@app/runtime'`],
  ['libs/flows/src/flow.ts', `import type { X } from '@app/contracts'`],
  ['libs/platforms/src/platform.ts', `import type { X } from '@app/contracts'`],
  ['libs/flows/src/flow.test.ts', `import 'vitest'; import './flow.ts'`],
  [
    'libs/jobs/src/worker.ts',
    `import '@app/db'; import '@app/bus'; import '@app/flows'; import '@app/runtime'`,
  ],
  ['libs/testkit/src/world.ts', `import '@app/db'; import '@app/jobs'; import '@app/bus'`],
  [
    'services/api/src/main.ts',
    `import '@app/jobs'; import '@app/db'; import './plan/plan-it.ts'; import 'node:fs'`,
  ],
  ['services/api/src/plan/plan-it.ts', `import type { X } from '@app/contracts'; import 'node:path'`],
  ['services/api/src/plan/plan-it.test.ts', `import 'node:fs'; import 'vitest'`],
  ['apps/web/src/main.ts', `import '@app/contracts'`],
  ['e2e/demo.e2e.test.ts', `import '@app/contracts'; import '@app/testkit'`],
  ['libs/sandbox/src/sandbox.ts', `import '@app/media'; import '@app/runtime'; import '@app/contracts'`],
  ['libs/sandbox/src/openai.int.test.ts', `import 'openai'; import './sandbox.ts'`],
  ['scripts/demo/sandbox.ts', `import '@app/sandbox'`],
  ['bench/src/sides/peer.ts', `import 'bullmq'; import '@app/jobs'`],
  ['scripts/flow.ts', `import '@app/flows'; import 'node:fs'`],
]

const LIBS = [
  ...['contracts', 'runtime', 'db', 'bus', 'storage', 'media', 'net', 'providers', 'language'],
  ...['flows', 'platforms', 'jobs', 'sandbox', 'testkit'],
]
const SERVICES = ['api', 'transcriber']
const STRANGERS = ['zod', 'pino', 'kysely', 'vitest', 'bullmq', 'openai']

/** A workspace shaped like this one, with stubs for what comes from npm. */
async function plantTree(files: [file: string, source: string][]): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), 'boundaries-'))
  trees.push(tree)
  const write = async (file: string, source: string) => {
    await mkdir(dirname(join(tree, file)), { recursive: true })
    await writeFile(join(tree, file), `${source}\n`)
  }
  for (const name of STRANGERS) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    await write(`node_modules/${name}/index.js`, '')
  }
  await write('package.json', JSON.stringify({ name: 'tree', workspaces: ['libs/*', 'services/*', 'e2e'] }))
  await mkdir(join(tree, 'node_modules/@app'))
  for (const folder of [...LIBS.map((lib) => `libs/${lib}`), ...SERVICES.map((name) => `services/${name}`)]) {
    const name = `@app/${folder.split('/')[1]}`
    await write(`${folder}/package.json`, JSON.stringify({ name, exports: { '.': './src/index.ts' } }))
    await write(`${folder}/src/index.ts`, 'export {}')
    await symlink(join(tree, folder), join(tree, 'node_modules', name))
  }
  for (const [file, source] of files) await write(file, source)
  return tree
}

/** What `npm run boundaries` finds in a tree, as `rule file` lines. */
async function cruise(tree: string): Promise<{ failed: boolean; violations: string[] }> {
  const folders = ['libs', 'services', 'apps', 'e2e', 'scripts', 'bench']
  const args = [
    cruiser,
    '--config',
    join(root, '.dependency-cruiser.mjs'),
    '--output-type',
    'json',
    ...folders,
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: tree,
    maxBuffer: 64 * 1024 ** 2,
  })
  const { summary } = JSON.parse(stdout) as {
    summary: { error: number; violations: { rule: { name: string }; from: string }[] }
  }
  return {
    failed: summary.error > 0,
    violations: summary.violations.map(({ rule, from }) => `${rule.name} ${from}`).sort(),
  }
}

describe('import boundaries', () => {
  it('catch each planted violation, by its own rule and no other', { timeout: 60_000 }, async () => {
    const tree = await plantTree([
      ...CLEAN,
      CYCLE_END,
      ...PLANTS.map(([, file, source]): [string, string] => [file, source]),
    ])

    const { failed, violations } = await cruise(tree)

    expect(failed).toBe(true)
    expect(violations).toEqual(PLANTS.map(([rule, file]) => `${rule} ${file}`).sort())
  })

  it('leave alone what is allowed', { timeout: 60_000 }, async () => {
    const tree = await plantTree(CLEAN)

    expect(await cruise(tree)).toEqual({ failed: false, violations: [] })
  })

  it('have a planted violation for every rule', async () => {
    const { default: config } = await import(rules)
    const planted = new Set(PLANTS.map(([rule]) => rule))

    expect([...planted].sort()).toEqual(config.forbidden.map((rule: { name: string }) => rule.name).sort())
  })
})
