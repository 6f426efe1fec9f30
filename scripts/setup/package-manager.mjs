import { readdirSync } from 'node:fs'
import { capture, findProgram } from './run.mjs'

/**
 * The machine's package manager, where we may use it: as root, with sudo that asks no password, or Homebrew,
 * which wants neither. `install` answers what went wrong, or undefined.
 */
export async function packageManager() {
  if (process.platform === 'darwin')
    return findProgram('brew') ? { name: 'brew', install: brewInstall } : undefined
  const prefix = await rootPrefix()
  if (!prefix) return undefined
  if (findProgram('apt-get')) return { name: 'apt', install: (packages) => aptInstall(prefix, packages) }
  if (findProgram('dnf')) return { name: 'dnf', install: (packages) => dnfInstall(prefix, packages) }
  return undefined
}

/** What to put before a command to run it as root; undefined where we may not. */
export async function rootPrefix() {
  if (process.getuid?.() === 0) return []
  const sudo = findProgram('sudo')
  if (!sudo) return undefined
  const { code } = await capture(sudo, ['-n', 'true'], { timeoutMs: 10_000 })
  return code === 0 ? [sudo, '-n'] : undefined
}

/** Runs a command as root. */
export function asRoot(prefix, command, options) {
  const [program, ...args] = [...prefix, ...command]
  return capture(program, args, options)
}

// RUNLEVEL=1 makes Debian's invoke-rc.d leave services alone: we start our own, with their own data.
const APT_ENV = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'LC_ALL=C.UTF-8']
const APT_OPTIONS = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3']

/** Installs with the lists that are there; refreshes them only when they are missing or too old to serve. */
export async function aptInstall(prefix, packages) {
  const install = [...APT_ENV, 'apt-get', ...APT_OPTIONS, 'install', '--no-install-recommends', ...packages]
  if (hasAptLists()) {
    const { code } = await asRoot(prefix, install)
    if (code === 0) return undefined
  }
  const update = await asRoot(prefix, [...APT_ENV, 'apt-get', ...APT_OPTIONS, 'update'])
  const { code, output } = await asRoot(prefix, install)
  return code === 0 ? undefined : `${update.code === 0 ? '' : update.output}${output}`.trim()
}

function hasAptLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('Packages'))
  } catch {
    return false
  }
}

async function dnfInstall(prefix, packages) {
  const { code, output } = await asRoot(prefix, [
    'dnf',
    'install',
    '-y',
    '--setopt=install_weak_deps=False',
    ...packages,
  ])
  return code === 0 ? undefined : output.trim()
}

async function brewInstall(packages) {
  const { code, output } = await capture('brew', ['install', '--quiet', ...packages])
  return code === 0 ? undefined : output.trim()
}
