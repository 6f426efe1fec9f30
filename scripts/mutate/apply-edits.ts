import type { Edit, Mutation, TestName } from './mutation.ts'

/** The text of a file of the project; undefined where there is none. */
export type ReadText = (file: string) => string | undefined

/** The files that a mutation changes, with their new texts. Throws where an edit does not fit. */
export function applyEdits(edits: readonly Edit[], read: ReadText): Map<string, string> {
  const texts = new Map<string, string>()
  for (const edit of edits) {
    const text = texts.get(edit.file) ?? read(edit.file)
    const problem = editProblem(edit, text)
    if (problem !== undefined || text === undefined) throw new Error(problem)
    texts.set(
      edit.file,
      text.replace(edit.find, () => edit.replace),
    )
  }
  return texts
}

/** What of a mutation no longer fits the sources; nothing where it can be run. */
export function problemsOf({ edits, tests }: Mutation, read: ReadText): string[] {
  return [
    ...edits.map((edit) => editProblem(edit, read(edit.file))),
    ...tests.map((test) => testProblem(test, read)),
  ].filter((problem) => problem !== undefined)
}

function editProblem({ file, find, replace }: Edit, text: string | undefined): string | undefined {
  if (text === undefined) return `${file} is not there`
  const count = text.split(find).length - 1
  if (count !== 1) return `${file} has ${count} times, not once: ${find}`
  return find === replace ? `${file}: nothing would change` : undefined
}

/** A test may stand in a conformance suite beside the file that runs it. */
function testProblem({ file, title }: TestName, read: ReadText): string | undefined {
  const text = read(file)
  if (text === undefined) return `${file} is not there`
  const suites = [...text.matchAll(/from '\.\/([\w-]+\.conformance\.ts)'/g)].map(([, suite = '']) =>
    read(file.replace(/[^/]+$/, suite)),
  )
  const isThere = [text, ...suites].some((source) =>
    ["'", '"', '`'].some((quote) => source?.includes(quote + title + quote)),
  )
  return isThere ? undefined : `${file} has no test “${title}”`
}
