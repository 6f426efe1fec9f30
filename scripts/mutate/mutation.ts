/** A small edit that switches one cure off, and the tests that must notice. */
export interface Mutation {
  /** Kebab-case, unique in its set. */
  id: string
  /** Rows of docs/redis-streams.md whose cure it switches off; none where it is a promise of another kind. */
  rows: readonly number[]
  /** What no longer holds. */
  off: string
  edits: readonly Edit[]
  /** Each of them must fail. */
  tests: readonly TestName[]
}

export interface Edit {
  /** From the project's folder. */
  file: string
  /** Must occur in it exactly once. */
  find: string
  replace: string
}

export interface TestName {
  /** From the project's folder. */
  file: string
  /** As in the source: with `%s` and the like where the test runs for several values. */
  title: string
}

/** Tests of one file. */
export const testsIn = (file: string, ...titles: string[]): TestName[] =>
  titles.map((title) => ({ file, title }))

/** A regular expression for a title: `%s`, `%i` and the like stand for anything. */
export function patternOf(title: string): string {
  return title
    .split(/%[sdifjo]/)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.+')
}
