/** `npm run queue`: dead letters and the depth of the queues, for whoever keeps the system running. */
import os from 'node:os'
import path from 'node:path'
import { readStack } from '@app/infra'
import { loadEnvFile } from './queue/load-env-file.ts'
import { runQueueCommand } from './queue/run-command.ts'

const root = path.resolve(import.meta.dirname, '..')
// npm moves to the project's folder and keeps the user's here.
const cwd = process.env.INIT_CWD ?? process.cwd()

loadEnvFile(root)
process.exitCode = await runQueueCommand(process.argv.slice(2), {
  env: process.env,
  readStack: (dataDir) => readStack(dataDir ? path.resolve(cwd, dataDir) : path.join(root, '.data')),
  who: `cli:${userName()}`,
  width: process.stdout.columns ?? Infinity,
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
})

/** In a container the user's number may have no name. */
function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
