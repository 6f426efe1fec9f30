import { spawnSync } from 'node:child_process'

/** Decoders of damaged files have asked for all there is; ours peak below 200 MB for ordinary sound. */
export const DEFAULT_MEMORY_BYTES = 2 * 1024 ** 3

/** Works out whether a wrapper, with its arguments, runs a command here. */
export type CanWrap = (wrapper: readonly string[]) => boolean

const DIE_WITH_US = ['setpriv', '--pdeathsig', 'KILL']

/**
 * Puts util-linux's wrappers in front of a command, where they work (macOS has none, BusyBox has others).
 *
 * `prlimit` bounds memory and forbids core dumps. `setpriv --pdeathsig` ends the tool with us: after
 * kill -9 of a service, an orphan would go on writing the file its successor is writing too.
 * Both replace themselves by the command, so the child's pid is the tool's own.
 */
export function confined(
  command: string,
  args: readonly string[],
  memoryBytes = DEFAULT_MEMORY_BYTES,
  canWrap: CanWrap = tried,
): [command: string, args: string[]] {
  const limits = (bytes: number) => ['prlimit', `--as=${bytes}`, '--core=0']
  const wrappers = [
    ...(canWrap(DIE_WITH_US) ? DIE_WITH_US : []),
    ...(canWrap(limits(DEFAULT_MEMORY_BYTES)) ? limits(memoryBytes) : []),
  ]
  const [first = command, ...rest] = [...wrappers, command, ...args]
  return [first, rest]
}

const results = new Map<string, boolean>()

/** Once per process and wrapper: a few milliseconds. */
function tried(wrapper: readonly string[]): boolean {
  const [program = '', ...args] = wrapper
  const known = results.get(program)
  if (known !== undefined) return known
  const works = spawnSync(program, [...args, 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0
  results.set(program, works)
  return works
}
