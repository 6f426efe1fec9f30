import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { SetupError } from './errors.mjs'
import { withLock } from './lock.mjs'
import { capture, isProgram, withProgress } from './run.mjs'

/** Brings node_modules to what package-lock.json says, and does nothing when it is there already. */
export async function installDependencies(root) {
  if (isInstalled(root)) return
  await withLock(path.join(root, '.cache/npm-ci.lock'), async () => {
    // Somebody who started at the same time may have done it while we waited.
    if (!isInstalled(root))
      await withProgress('Installing the packages Scriptorium is built on', () => npmCi(root))
  })
}

/** The Node.js that package.json pins, whatever the machine's own is. */
export function pinnedNode(root) {
  return path.join(root, 'node_modules/node/bin/node')
}

/**
 * npm writes node_modules/.package-lock.json as the last act of an installation, so it answers both
 * "did it finish" and "is it this one", also for those who ran npm by hand.
 */
export function isInstalled(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'))
  const present = packagesOf(path.join(root, 'node_modules/.package-lock.json'))
  if (!wanted) throw new SetupError(`package-lock.json is missing or broken in ${root}.`)
  return present !== undefined && isProgram(pinnedNode(root)) && satisfies(wanted, present)
}

/** Optional packages may be absent: they are other platforms' binaries. */
export function satisfies(wanted, present) {
  return Object.entries(wanted).every(([name, entry]) => {
    if (!name.startsWith('node_modules/')) return true
    const found = present[name]
    return found ? found.version === entry.version : Boolean(entry.optional || entry.peer)
  })
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

async function npmCi(root) {
  const args = [
    'ci',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    // The lockfile says by hash what each package is: what npm has already needs no asking whether it is still so.
    '--prefer-offline',
    '--loglevel=error',
    '--foreground-scripts=false',
  ]
  // npm names its own script when it runs us, which is surer than the PATH.
  const npmScript = process.env.npm_execpath
  const [command, ...rest] =
    npmScript && existsSync(npmScript) ? [process.execPath, npmScript, ...args] : ['npm', ...args]
  const { code, output } = await capture(command, rest, { cwd: root })
  if (code !== 0) throw new SetupError(`npm ci failed. What it said:\n\n${output.trim()}`)
  if (!isProgram(pinnedNode(root))) {
    throw new SetupError(
      'npm ci did not bring the Node.js that package.json pins (node_modules/node/bin/node).\n' +
        'It comes from an install script: check that npm is not set to ignore-scripts.',
    )
  }
}
