import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { FatalError } from '@app/runtime'
import { guard } from './guard.ts'

/** A program that is running. */
export interface Running {
  readonly pid: number
  /** Resolves, never rejects, with how it ended: `exit code 1`, `SIGKILL`. */
  readonly exited: Promise<string>
  /** Asks it to end, and makes it after `stopTimeoutMs`. Resolves when it is gone; may be called twice. */
  stop(): Promise<void>
}

export interface ChildOptions {
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  uid?: number
  gid?: number
  /** Written to its standard input, which is then closed. */
  input?: string
  /** Every line it prints, on either stream. */
  onLine?: (line: string) => void
  /**
   * How it learns that we are gone, however we went: `ipc` for our own processes, which end when the channel
   * closes; `guard` for programs that know nothing of us.
   */
  tie: 'ipc' | 'guard'
  stopSignal?: NodeJS.Signals
  stopTimeoutMs?: number
  /** Shell commands for the guard to run when we are gone, after the program was told to end. */
  afterwards?: readonly string[]
}

export interface Child extends Running {
  /** Resolves with its next IPC message; rejects when it ends before it sent one. */
  message(): Promise<unknown>
}

/**
 * Starts a program in a process group of its own, so that the terminal's Ctrl-C reaches us only and we can
 * stop it when its turn comes.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, options.args, {
    env: options.env,
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
    stdio: ['pipe', 'pipe', 'pipe', ...(options.tie === 'ipc' ? (['ipc'] as const) : [])],
    detached: true,
  })
  await spawned(child, options.command)
  const pid = child.pid as number
  const guarding = options.tie === 'guard' ? guard(pid, options) : undefined
  const exited = once(child, 'exit').then(([code, signal]) => {
    guarding?.release()
    return signal ? String(signal) : `exit code ${code}`
  })
  readLines(child, options.onLine)
  // A program that ended before it read its input makes this pipe fail; `exited` tells about it.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input ?? '')
  return {
    pid,
    exited,
    message: () => nextMessage(child, exited, options.command),
    stop: () => stop(child, exited, options),
  }
}

async function spawned(child: ChildProcess, command: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw new FatalError('program-not-started', `${command} could not be started`, { cause: error })
  }
}

function readLines(child: ChildProcess, onLine: ((line: string) => void) | undefined): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    // Read even when nobody listens: a full pipe would stop the program.
    createInterface({ input: stream }).on('line', onLine ?? (() => {}))
  }
}

async function nextMessage(child: ChildProcess, exited: Promise<string>, command: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  child.once('message', resolve)
  const ended = exited.then((how) => {
    throw new FatalError('program-ended-early', `${command} ended before it was ready: ${how}`)
  })
  try {
    return await Promise.race([promise, ended])
  } finally {
    child.off('message', resolve)
    ended.catch(() => {})
  }
}

async function stop(child: ChildProcess, exited: Promise<string>, options: ChildOptions): Promise<void> {
  child.kill(options.stopSignal ?? 'SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), options.stopTimeoutMs ?? 10_000)
  await exited
  clearTimeout(timer)
}
