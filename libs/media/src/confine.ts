import { accessSync, constants } from 'node:fs'

/** Decoders of damaged files have asked for all there is; ours peak below 200 MB for ordinary sound. */
export const DEFAULT_MEMORY_BYTES = 2 * 1024 ** 3

const SETPRIV = '/usr/bin/setpriv'
const PRLIMIT = '/usr/bin/prlimit'
const present = new Map<string, boolean>()

/**
 * Puts util-linux's wrappers in front of a command, where the machine has them (Linux does, macOS doesn't).
 *
 * `prlimit` bounds memory and forbids core dumps. `setpriv --pdeathsig` ends the tool with us: after
 * kill -9 of a service, an orphan would go on writing the file its successor is writing too.
 * Both replace themselves by the command, so the child's pid is the tool's own.
 */
export function confined(
  command: string,
  args: readonly string[],
  memoryBytes = DEFAULT_MEMORY_BYTES,
  has: (path: string) => boolean = isPresent,
): [command: string, args: string[]] {
  const line = [command, ...args]
  if (has(PRLIMIT)) line.unshift(PRLIMIT, `--as=${memoryBytes}`, '--core=0')
  if (has(SETPRIV)) line.unshift(SETPRIV, '--pdeathsig', 'KILL')
  const [first = command, ...rest] = line
  return [first, rest]
}

function isPresent(path: string): boolean {
  const known = present.get(path)
  if (known !== undefined) return known
  const found = canExecute(path)
  present.set(path, found)
  return found
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
