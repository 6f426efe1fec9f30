import { spawn } from 'node:child_process'

interface GuardOptions {
  stopSignal?: NodeJS.Signals
  /** Shell commands to run after the program was told to end, such as removing its files. */
  afterwards?: readonly string[]
}

/**
 * Ends a program when this process is gone, also when it was killed with -9: a shell waits for the end of a
 * pipe that only we hold open. For programs that would live on as orphans, such as redis-server.
 */
export function guard(
  pid: number,
  { stopSignal = 'SIGTERM', afterwards = [] }: GuardOptions = {},
): {
  release(): void
} {
  const orders = [
    // Nothing is ever written to the pipe: this waits for its end.
    'read -r _',
    `kill -s ${stopSignal.replace('SIG', '')} "$1" 2>/dev/null`,
    ...afterwards,
  ]
  const shell = spawn('/bin/sh', ['-c', orders.join('; '), 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  // Neither the shell nor the pipe to it may keep us alive.
  shell.unref()
  const pipe = shell.stdin as typeof shell.stdin & { unref?: () => void }
  pipe.unref?.()
  return { release: () => void shell.kill('SIGKILL') }
}
