/** What a page promises about the repository, taken from its text. Code blocks count for commands only. */
export interface PageClaims {
  /** Targets of links that stay inside the repository, without their `#heading`. */
  links: string[]
  /** Paths in backticks: what has a slash and begins with a folder of ours, or ends in a source file's name. */
  paths: string[]
  /** `npm run <this>`, and `start` and `test` by their short forms. */
  npmScripts: string[]
}

const FOLDER = /^(libs|services|infra|scripts|docs|e2e|src)\//
const NPM = /\bnpm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g

export function claimsOf(markdown: string): PageClaims {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  return {
    links: unique(targets.filter((it) => !/^([a-z]+:|#)/i.test(it)).map((it) => it.split('#')[0] ?? '')),
    paths: unique(spans.filter((it) => FOLDER.test(it) && !/[\s…]/.test(it))),
    npmScripts: unique([...markdown.matchAll(NPM)].map(([, script, short]) => script ?? short ?? '')),
  }
}

/** `[file](path): “title”`, as a table of proofs has them: the tests that it names. */
export function namedTests(markdown: string): { file: string; title: string }[] {
  const cells = markdown.matchAll(/\]\(([^)\s]+[.]test[.]ts)\)((?:[^|\n[“]*“[^”]+”)+)/g)
  return [...cells].flatMap(([, file = '', rest = '']) =>
    [...rest.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
  )
}

/** Names of variables in an env file, commented-out ones not counted. */
export function envNames(text: string): string[] {
  return [...text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name)
}

/** Names of variables in the first column of a page's tables. */
export function tabledVariables(markdown: string): string[] {
  const rows = markdown.matchAll(/^\| *((?:`[A-Z][A-Z0-9_]*`(?:, )?)+) *\|/gm)
  return [...rows].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name = '']) => name),
  )
}

const unique = (all: string[]): string[] => [...new Set(all)]
