import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../checks/source-files.ts'
import { rowTestsIn, tableOf } from '../docs/stream-rows.ts'
import { problemsOf } from './apply-edits.ts'
import { SETS } from './sets.ts'

const read = (file: string): string | undefined => {
  const at = path.join(ROOT, file)
  return existsSync(at) ? readFileSync(at, 'utf8') : undefined
}

describe.each(Object.entries(SETS))('%s', (_, mutations) => {
  it('has mutations that fit the sources as they are, and tests that exist', () => {
    expect(
      mutations.flatMap((mutation) => problemsOf(mutation, read).map((it) => `${mutation.id}: ${it}`)),
    ).toEqual([])
  })

  it('names each mutation once, and what should notice it', () => {
    const ids = mutations.map(({ id }) => id)

    expect(new Set(ids).size).toBe(ids.length)
    expect(mutations.filter(({ edits, tests }) => edits.length === 0 || tests.length === 0)).toEqual([])
  })
})

it('runtime switches off a cure of each row that applies, and has it noticed by a test that bears the number', () => {
  const rows = tableOf(read('docs/redis-streams.md') ?? '').filter(({ applies }) => applies)
  const proven = SETS.runtime?.flatMap(({ rows: claimed, tests }) =>
    claimed.filter((row) =>
      tests.some(({ file, title }) =>
        rowTestsIn({ path: file, text: `'${title}'` }).some((test) => test.row === row),
      ),
    ),
  )

  expect(rows.length).toBeGreaterThan(25)
  expect(rows.map(({ row }) => row).filter((row) => !proven?.includes(row))).toEqual([])
})
