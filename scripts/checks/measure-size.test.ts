import { expect, it } from 'vitest'
import { isExempt, measureFunctions, sizeFindings } from './measure-size.ts'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `  step${index}()`).join('\n')
const functionOf = (count: number) => `function f() {\n${lines(count - 2)}\n}\n`

it.each([
  ['a declaration', 'function f() {\n\n}', 'f'],
  ['an arrow', 'const f = () => {\n\n}', 'f'],
  ['an arrow with a type of its own', 'const f = async <T>(x: T) => {\n\n}\nconst g = 1', 'f'],
  ['an arrow without a block', 'const f = () =>\n\n  1', 'f'],
  ['a property', 'const o = { f: async () => {\n\n} }', 'f'],
  ['a method', 'class C { f() {\n\n} }', 'f'],
  ['a private method', 'class C { #f() {\n\n} }', '#f'],
  ['a constructor', 'class C { constructor() {\n\n} }', 'constructor'],
  ['a getter', 'class C { get f() {\n\nreturn 1 } }', 'f'],
  ['a callback', 'run(() => {\n\n})', '(anonymous)'],
])('measures %s', (_kind, source, name) => {
  expect(measureFunctions(source)).toEqual([{ name, line: 1, lines: 3, hasReason: false }])
})

it('measures nested functions and what holds them', () => {
  const source = 'function outer() {\n  const inner = () => {\n    one()\n  }\n}'

  expect(measureFunctions(source)).toEqual([
    { name: 'outer', line: 1, lines: 5, hasReason: false },
    { name: 'inner', line: 2, lines: 3, hasReason: false },
  ])
})

it('counts neither the comment above a function nor types without a body', () => {
  const source =
    '/**\n * Why.\n */\nfunction f() {}\ntype G = () => void\ndeclare function h(): void\ninterface I { m(): void }'

  expect(measureFunctions(source)).toEqual([{ name: 'f', line: 4, lines: 1, hasReason: false }])
})

it.each([
  [50, []],
  [51, ['warn']],
  [80, ['warn']],
  [81, ['fail']],
])('judges a function of %i lines: %j', (count, levels) => {
  expect(sizeFindings('a.ts', functionOf(count)).map(({ level }) => level)).toEqual(levels)
})

it.each([
  [200, []],
  [201, ['warn']],
  [300, ['warn']],
  [301, ['fail']],
])('judges a file of %i lines: %j', (count, levels) => {
  expect(sizeFindings('a.ts', `${lines(count)}\n`).map(({ level }) => level)).toEqual(levels)
})

it.each([
  `// Long because one table says it all.\n${functionOf(90)}`,
  `/** Runs it. Long because it is a list. */\nexport ${functionOf(90)}`,
  `// Long because one table says it all.\nexport const f = () => {\n${lines(90)}\n}`,
])('only warns where the comment above gives a reason', (source) => {
  expect(sizeFindings('a.ts', source).map(({ level }) => level)).toEqual(['warn'])
})

it('does not take the reason of one function for that of the next', () => {
  const source = `// Long because it is a list.\n${functionOf(90)}\n${functionOf(90).replace('f()', 'g()')}`

  expect(sizeFindings('a.ts', source).map(({ level }) => level)).toEqual(['warn', 'fail'])
})

it('only warns of a long file that begins with its reason', () => {
  const source = `/** Every platform. Long because each is one entry. */\n${lines(400)}\n`

  expect(sizeFindings('a.ts', source).map(({ level }) => level)).toEqual(['warn'])
})

it('says where and how long', () => {
  const [finding] = sizeFindings('libs/db/src/a.ts', `\n${functionOf(60)}`)

  expect(finding?.text).toBe('libs/db/src/a.ts:2 f: 60 lines (aim below 50, limit 80)')
})

it.each([
  ['libs/db/src/migrations/0001-audiobooks.ts', true],
  ['libs/contracts/src/jobs.ts', true],
  ['libs/bus/src/bus.int.test.ts', true],
  ['libs/storage/src/storage.conformance.ts', true],
  ['libs/bus/src/bus.ts', false],
])('knows whether %s is exempt: %s', (path, expected) => {
  expect(isExempt(path)).toBe(expected)
})
