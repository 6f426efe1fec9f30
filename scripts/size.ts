/** Warns of files and functions that are getting long; fails where they are too long. Tests and tables are exempt. */
import { isExempt, sizeFindings } from './checks/measure-size.ts'
import { sourceFiles } from './checks/source-files.ts'

const files = await sourceFiles('{apps,libs,services,infra,scripts,e2e,bench,chaos}/**/*.{ts,tsx,mjs}')
const findings = files
  .filter(({ path }) => !isExempt(path))
  .flatMap(({ path, text }) => sizeFindings(path, text))

for (const { level, text } of findings) console.log(`${level === 'fail' ? 'too long' : 'long'}: ${text}`)
console.log(`${files.length} files, ${findings.length} long`)
process.exitCode = findings.some(({ level }) => level === 'fail') ? 1 : 0
