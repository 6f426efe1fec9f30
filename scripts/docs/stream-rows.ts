/** A test that proves the cure of a trap of Redis Streams: `row 12: …`, or `rows 12, 14: …` for several. */
export interface RowTest {
  row: number
  /** From the project's folder. */
  file: string
  /** Without the numbers. */
  title: string
}

const NAMED = /(['"`])rows? (\d+(?:, \d+)*): ((?:(?!\1).)+)\1/g

/** The tests of one file whose names begin with a row's number. */
export function rowTestsIn({ path, text }: { path: string; text: string }): RowTest[] {
  return [...text.matchAll(NAMED)].flatMap(([, , numbers = '', title = '']) =>
    numbers.split(', ').map((number) => ({ row: Number(number), file: path, title })),
  )
}

/** A row of the page's table. */
export interface TableRow {
  row: number
  applies: boolean
  tests: RowTest[]
}

/** The page's table: `| 12 | what bites | what we do | where | [file](../path): “title”, “title”; … |`. */
export function tableOf(markdown: string): TableRow[] {
  return [...markdown.matchAll(/^\| (\d+) \|.*\|$/gm)].map(([line, number]) => {
    const [, , cure = '', , tests = ''] = line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim())
    return {
      row: Number(number),
      applies: !cure.startsWith('does not apply: '),
      tests: testsOf(tests).map((test) => ({ row: Number(number), ...test })),
    }
  })
}

function testsOf(cell: string): Omit<RowTest, 'row'>[] {
  const files = cell.matchAll(/\]\(\.\.\/([^)]+)\): ((?:“[^”]+”(?:, )?)+)/g)
  return [...files].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  )
}
