import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeError, fingerprint } from './error-report.ts'

const SOURCE = `
interface Cause { what: string }

export const failures: (() => Error)[] = [
  () => new Error(({ what: 'nameless' } satisfies Cause).what),
]
`
// As browsers and desktops name what they have copied.
const folder = mkdtempSync(path.join(os.tmpdir(), 'source stack (copy) '))
const source = path.join(folder, 'failures.ts')
let stack: string
beforeAll(async () => {
  writeFileSync(source, SOURCE)
  const bundle = await rolldown({ input: source })
  await bundle.write({ dir: folder, entryFileNames: '[name]-0a1b2c.mjs', sourcemap: true })
  await bundle.close()
  const program = `import('${folder}/failures-0a1b2c.mjs').then(({ failures }) => console.log(failures[0]().stack))`
  stack = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const errorWith = (stack: string): Error => Object.assign(new Error('nameless'), { stack })

it('names the line of the source where an error of a built file arose', () => {
  expect(stack).toContain('failures-0a1b2c.mjs:')

  const described = describeError(errorWith(stack))

  expect(described.stack).toContain(`${pathToFileURL(source)}:5:9`)
  expect(described.stack).not.toContain('failures-0a1b2c.mjs')
})

it('knows a fault by its source, whatever the built file is called', () => {
  const nameless = stack.replace(/at .*[.]failures \((.*)\)/, 'at $1')
  expect(nameless).not.toBe(stack)

  expect(fingerprint(errorWith(nameless))).toBe(
    fingerprint(errorWith(`Error\n    at ${pathToFileURL(source)}:5:9`)),
  )
})

it('leaves a stack alone that leads through nothing built, or through what has no map', () => {
  const other = 'Error: no\n    at file:///app/lib/other.mjs:3:14\n    at node:internal/process:1:1'

  expect(describeError(errorWith(other)).stack).toBe(other)
})
