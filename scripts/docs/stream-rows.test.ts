import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, sourceFiles } from '../checks/source-files.ts'
import { type RowTest, rowTestsIn, tableOf } from './stream-rows.ts'

const table = tableOf(readFileSync(path.join(ROOT, 'docs/redis-streams.md'), 'utf8'))

it('docs/redis-streams.md has each row once', () => {
  expect(table.map(({ row }) => row)).toEqual(Array.from({ length: 31 }, (_, index) => index + 1))
})

it('docs/redis-streams.md names exactly the tests that bear the number of a row, and each row that applies has one', async () => {
  const files = await sourceFiles('{libs,services,infra,chaos,e2e}/**/*.{test,conformance}.ts')
  const inWords = ({ row, file, title }: RowTest) => `row ${row}: ${title} (${file})`

  expect(table.flatMap(({ tests }) => tests.map(inWords)).toSorted()).toEqual(
    files.flatMap((file) => rowTestsIn(file).map(inWords)).toSorted(),
  )
  expect(table.filter(({ applies, tests }) => applies !== tests.length > 0)).toEqual([])
})

it('reads tests with one number or several, in any quotes', () => {
  const text = `it('row 3: a, b')\nit.each([1])("rows 4, 5: it's %i", () => {})\nit('row of chairs')`

  expect(rowTestsIn({ path: 'a.test.ts', text })).toEqual([
    { row: 3, file: 'a.test.ts', title: 'a, b' },
    { row: 4, file: 'a.test.ts', title: "it's %i" },
    { row: 5, file: 'a.test.ts', title: "it's %i" },
  ])
})

it('reads the tests of a row file by file', () => {
  const page = '| 7 | x | y | [z](../z.ts) | [a](../a.test.ts): “b, c”, “d”; [e](../e.test.ts): “f” |'

  expect(tableOf(page)[0]?.tests).toEqual([
    { row: 7, file: 'a.test.ts', title: 'b, c' },
    { row: 7, file: 'a.test.ts', title: 'd' },
    { row: 7, file: 'e.test.ts', title: 'f' },
  ])
})
