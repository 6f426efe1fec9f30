// What `npm start`, `npm run demo`, `npm test`, `npm run chaos`, `npm run bench`, `npm run mutate`, `npm run sandbox`
// and `npm run setup` run first. Plain JavaScript without dependencies, because it may meet a machine that has nothing but git and an older
// Node.js.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { installDependencies, pinnedNode } from './setup/dependencies.mjs'
import { ensureSystemTools } from './setup/ensure-tools.mjs'
import { SetupError } from './setup/errors.mjs'
import { become } from './setup/run.mjs'

const OLDEST_NODE = 18
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const ENTRIES = {
  start: 'infra/src/start.ts',
  demo: 'scripts/demo.ts',
  test: 'scripts/test.ts',
  chaos: 'chaos/src/main.ts',
  bench: 'bench/src/main.ts',
  mutate: 'scripts/mutate.ts',
  sandbox: 'scripts/sandbox.ts',
  setup: undefined,
}

async function main([command = '', ...args]) {
  if (!Object.hasOwn(ENTRIES, command)) {
    throw new SetupError(`usage: node scripts/bootstrap.mjs ${Object.keys(ENTRIES).join('|')} [options]`)
  }
  checkMachine()
  // Asking how to use it must not install anything.
  if (!wantsHelp(args)) await prepare(command)
  const entry = ENTRIES[command]
  if (!entry) return console.log('Everything is set up. `npm start` starts it, `npm test` tests it.')
  await become(pinnedNode(root), [path.join(root, entry), ...args], { cwd: root, env: environment() })
}

function checkMachine() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < OLDEST_NODE) {
    throw new SetupError(
      `Scriptorium needs Node.js ${OLDEST_NODE} or later to set itself up; this is ${process.version}.`,
    )
  }
  if (process.platform === 'win32') {
    throw new SetupError('Scriptorium runs on Linux and macOS; on Windows, run it inside WSL.')
  }
}

async function prepare(command) {
  // First, because where we may not install them the user has something to do.
  await ensureSystemTools(command === 'setup' ? ['start', 'test'] : [command], root)
  await installDependencies(root)
}

function wantsHelp(args) {
  return (args.includes('--help') || args.includes('-h')) && existsSync(path.join(root, 'node_modules'))
}

/**
 * The pinned Node.js must also be the one that `npx`, test runners and services find. What it compiles it keeps:
 * each service starts with a third less work, the second time.
 */
function environment() {
  return {
    NODE_COMPILE_CACHE: path.join(root, '.cache/compiled'),
    ...process.env,
    PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`,
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof SetupError ? `\n${error.message}\n` : error)
  process.exitCode = 1
})
