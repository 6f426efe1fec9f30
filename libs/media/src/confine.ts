import { spawnSync } from 'node:child_process'

/** Decoders of damaged files have asked for all there is; ours peak below 200 MB for ordinary sound. */
export const DEFAULT_MEMORY_BYTES = 2 * 1024 ** 3

/** A hundred hours of speech as WAV are 11.5 GB, and the largest that we let anything write. */
export const DEFAULT_FILE_BYTES = 16 * 1024 ** 3

export interface ToolLimits {
  memoryBytes?: number | undefined
  /**
   * Memory is counted by what can be written (`--data`), not by addresses. For what reserves far more addresses than it
   * ever uses, as JavaScript engines do.
   */
  countsWritable?: boolean | undefined
  /** No file it writes grows beyond this. */
  fileBytes?: number | undefined
}

/** Works out whether a wrapper, with its arguments, runs a command here. */
export type CanWrap = (wrapper: readonly string[]) => boolean

const DIE_WITH_US = ['setpriv', '--pdeathsig', 'KILL']
/** Tried once for all: the same program, whatever the figures. */
const PROBE_LIMITS = ['prlimit', `--as=${DEFAULT_MEMORY_BYTES}`, '--core=0', `--fsize=${DEFAULT_FILE_BYTES}`]

/**
 * Puts util-linux's wrappers in front of a command, where they work (macOS has none, BusyBox has others).
 *
 * `prlimit` bounds memory and files, and forbids core dumps. `setpriv --pdeathsig` ends the tool with us: after
 * kill -9 of a service, an orphan would go on writing the file its successor is writing too.
 * Both replace themselves by the command, so the child's pid is the tool's own.
 */
export function confined(
  command: string,
  args: readonly string[],
  {
    memoryBytes = DEFAULT_MEMORY_BYTES,
    countsWritable = false,
    fileBytes = DEFAULT_FILE_BYTES,
  }: ToolLimits = {},
  canWrap: CanWrap = tried,
): [command: string, args: string[]] {
  const memory = countsWritable ? 'data' : 'as'
  const limits = ['prlimit', `--${memory}=${memoryBytes}`, '--core=0', `--fsize=${fileBytes}`]
  const wrappers = [...(canWrap(DIE_WITH_US) ? DIE_WITH_US : []), ...(canWrap(PROBE_LIMITS) ? limits : [])]
  const [first = command, ...rest] = [...wrappers, command, ...args]
  return [first, rest]
}

const TRY_TIMEOUT_MS = 5_000
const results = new Map<string, boolean>()

/** Once per process and wrapper: a few milliseconds. */
function tried(wrapper: readonly string[]): boolean {
  const [program = '', ...args] = wrapper
  const known = results.get(program)
  if (known !== undefined) return known
  const { status, error } = spawnSync(program, [...args, 'true'], {
    stdio: 'ignore',
    timeout: TRY_TIMEOUT_MS,
  })
  const works = status === 0
  // A want of processes or time may pass: no tool is to run unconfined for it from then on.
  const isSettled = status !== null || (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
  if (isSettled) results.set(program, works)
  return works
}
