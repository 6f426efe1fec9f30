import ts from 'typescript'

export interface Measure {
  name: string
  /** Where it begins, from 1. */
  line: number
  lines: number
  /** The comment above it says `long because …`: a rule that makes code worse is broken, with the reason beside it. */
  hasReason: boolean
}

export interface SizeFinding {
  level: 'warn' | 'fail'
  text: string
}

/** Examples to follow, not limits to enforce: the aim is 120 and 25. From here on a reader loses the thread. */
const FILE_LIMITS = { warn: 200, fail: 300 }
const FUNCTION_LIMITS = { warn: 50, fail: 80 }

const REASON = /long because/i

/** Tests, shapes and tables are lists, and long lists are no harder to read than short ones. */
const EXEMPT = [
  /[.](test|conformance)[.](ts|mjs)$/,
  /[.]generated[.]/,
  /^libs\/contracts\/src\//,
  /^libs\/db\/src\/schema[.]ts$/,
  /^libs\/db\/src\/migrations\//,
]

export function isExempt(path: string): boolean {
  return EXEMPT.some((pattern) => pattern.test(path))
}

/** What is too long in one file. */
export function sizeFindings(path: string, text: string): SizeFinding[] {
  const source = parse(text, path)
  const lines = text.replace(/\n$/, '').split('\n').length
  const file = { name: '', line: 1, lines, hasReason: hasReason(source.statements[0], source) }
  return [
    ...judge(file, FILE_LIMITS, path),
    ...measureFunctions(text, path).flatMap((one) =>
      judge(one, FUNCTION_LIMITS, `${path}:${one.line} ${one.name}`),
    ),
  ]
}

/** Every function with a body, nested ones too, without the comment above it. */
export function measureFunctions(text: string, path = 'measured.ts'): Measure[] {
  const source = parse(text, path)
  const measures: Measure[] = []
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const line = lineOf(node.getStart())
      const lines = lineOf(node.getEnd()) - line + 1
      measures.push({ name: nameOf(node), line, lines, hasReason: hasReason(node, source) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return measures
}

/** By the file's own name: in TSX `<T>(x: T) => x` opens an element, which ends with the file. */
function parse(text: string, path: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

/** Looks above the whole statement: the comment on `const f = () => …` belongs to `const`. */
function hasReason(node: ts.Node | undefined, source: ts.SourceFile): boolean {
  let statement = node
  while (statement && ts.isExpression(statement)) statement = statement.parent
  if (statement && ts.isVariableDeclaration(statement)) statement = statement.parent.parent
  return (
    statement !== undefined && REASON.test(source.text.slice(statement.getFullStart(), statement.getStart()))
  )
}

/** An arrow function is called what it is assigned to. */
function nameOf(node: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (node.name) return node.name.getText()
  const { parent } = node
  const isNamed =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)
  return isNamed ? parent.name.getText() : '(anonymous)'
}

function judge(
  { lines, hasReason }: Measure,
  limits: { warn: number; fail: number },
  what: string,
): SizeFinding[] {
  if (lines <= limits.warn) return []
  const level = lines > limits.fail && !hasReason ? 'fail' : 'warn'
  return [{ level, text: `${what}: ${lines} lines (aim below ${limits.warn}, limit ${limits.fail})` }]
}
