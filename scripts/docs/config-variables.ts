import ts from 'typescript'
import type { SourceFile } from '../checks/find-workers.ts'

type Shape = { variables: string[]; spreads: string[] }

/** Environment variables are written like this; everything else in such a literal is not one. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/

/**
 * The variables that each file's `loadConfig(…)` reads, by path. Shapes that are named or spread in it are followed
 * over all files: an exported `…Config` record has one name in the whole repository.
 */
export function configVariables(files: readonly SourceFile[]): Map<string, string[]> {
  const named = new Map<string, Shape>()
  const loads: [path: string, shape: Shape][] = []
  for (const { path, text } of files) {
    // Reading a whole repository as syntax takes seconds; most of it can not concern us.
    if (!text.includes('Config')) continue
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && /Config$/.test(node.name.getText())) {
        const shape = shapeOf(node.initializer)
        if (shape) named.set(node.name.getText(), shape)
      }
      if (ts.isCallExpression(node) && node.expression.getText() === 'loadConfig') {
        loads.push([path, shapeOf(node.arguments[0]) ?? { variables: [], spreads: [] }])
      }
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  }
  return new Map(loads.map(([path, shape]) => [path, [...new Set(resolve(shape, named, path))]]))
}

function shapeOf(node: ts.Node | undefined): Shape | undefined {
  if (node && ts.isIdentifier(node)) return { variables: [], spreads: [node.text] }
  if (node && (ts.isSatisfiesExpression(node) || ts.isAsExpression(node))) return shapeOf(node.expression)
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined
  const spreads = node.properties.filter(ts.isSpreadAssignment).map((it) => it.expression.getText())
  const names = node.properties.filter(ts.isPropertyAssignment).map((it) => it.name.getText())
  return { variables: names.filter((name) => VARIABLE.test(name)), spreads }
}

function resolve(shape: Shape, named: ReadonlyMap<string, Shape>, path: string): string[] {
  const spread = shape.spreads.flatMap((name) => {
    const found = named.get(name)
    if (!found) throw new Error(`${path} reads ${name}, which no file defines as an object literal`)
    return resolve(found, named, path)
  })
  return [...spread, ...shape.variables]
}
