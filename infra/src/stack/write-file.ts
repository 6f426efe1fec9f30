import { renameSync, writeFileSync } from 'node:fs'

/** For our user's eyes only, and never half there: whoever reads it meanwhile finds the old one or the new one. */
export function writeFileAtomically(file: string, content: string): void {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, file)
}
