import { expect, it } from 'vitest'
import { claimsOf, envNames, namedTests, tabledVariables } from './read-markdown.ts'

it('finds links that stay inside the repository', () => {
  const page = '[a](libs/a.ts) [b](docs/b.md#part) [c](#here) [d](https://d.example/x)\n```\n[e](e.ts)\n```'

  expect(claimsOf(page).links).toEqual(['libs/a.ts', 'docs/b.md'])
})

it('finds paths in backticks, and no other code', () => {
  const page =
    'See `services/api/src/main.ts`, `src/run.ts`, `services/…`, `a/b`, `libs/x y` and `{p}:queue`.'

  expect(claimsOf(page).paths).toEqual(['services/api/src/main.ts', 'src/run.ts'])
})

it('finds npm scripts in prose and in blocks', () => {
  const page = '`npm start`, `npm run queue -- list`\n```\nnpm test\nnpm run db:migrate\nnpm ci\n```'

  expect(claimsOf(page).npmScripts).toEqual(['start', 'queue', 'test', 'db:migrate'])
})

it('finds tests that are named beside their file', () => {
  const page =
    '| x | [faults](libs/jobs/a.int.test.ts): “does it”, “and that”; [b](e2e/b.e2e.test.ts): “this” | “not this” |'

  expect(namedTests(page)).toEqual([
    { file: 'libs/jobs/a.int.test.ts', title: 'does it' },
    { file: 'libs/jobs/a.int.test.ts', title: 'and that' },
    { file: 'e2e/b.e2e.test.ts', title: 'this' },
  ])
})

it('finds variables in an env file and in tables', () => {
  expect(envNames('# A=1\nB=\nC_D=x\n')).toEqual(['B', 'C_D'])
  expect(tabledVariables('| `A`, `B_C` | why |\n| text | `D` |')).toEqual(['A', 'B_C'])
})
