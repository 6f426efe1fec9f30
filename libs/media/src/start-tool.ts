import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { diskFullError, saysDiskFull } from '@app/runtime'
import { confined, type ToolLimits } from './confine.ts'
import { splitLines } from './split-lines.ts'
import { ToolFailure } from './tool-failure.ts'

export interface ToolRun {
  command: string
  args: readonly string[]
  /** Killed and reported as `ToolFailure` with reason `timeout` when it takes longer. */
  timeoutMs: number
  signal?: AbortSignal | undefined
  cwd?: string
  /** All of its environment, in place of ours. */
  env?: Readonly<Record<string, string>>
  limits?: ToolLimits
  /** For a tool that starts others: they are ended with it. */
  hasChildren?: boolean
  /** More on standard output than this ends the run with reason `too-much-output`. */
  maxStdoutBytes?: number
  /** Lines as they come; those of standard output are then not kept. */
  onStdoutLine?: (line: string) => void
  onStderrLine?: (line: string) => void
}

export interface ToolResult {
  stdout: string
  /** The last lines only: a damaged file can make ffmpeg print without end. */
  stderrTail: string
}

const DEFAULT_STDOUT_BYTES = 1_000_000
const STDERR_TAIL_LINES = 40
const MAX_LINE_CHARS = 4096

/** A tool at work. Nobody reads its standard output until told to. */
export interface RunningTool {
  stdout: Readable
  stdin: Writable
  result: Promise<ToolResult>
  readStdout(): void
  kill(): void
}

/** Starts one tool under its limits; `result` settles when it has ended and its pipes are closed. */
export function startTool(run: ToolRun, { needsStdin = false } = {}): RunningTool {
  run.signal?.throwIfAborted()
  const [command, args] = confined(run.command, run.args, run.limits)
  const child = spawn(command, args, {
    ...(run.cwd ? { cwd: run.cwd } : {}),
    ...(run.env ? { env: run.env } : {}),
    // A process group of its own, so that one signal reaches all of it.
    detached: run.hasChildren === true,
    stdio: [needsStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const end = exited(child, run)
  // Of a failure that comes as an event as well: unheard, it would end our process.
  end.catch(() => {})
  if (!child.stdout || !child.stderr) throw new Error('no file descriptors are left for a tool and its pipes')

  let endedBy: unknown
  const endEarly = (why: unknown) => {
    endedBy ??= why
    kill(child, run)
  }
  const stderr = readStderr(child.stderr, run, endEarly)
  const exceeded = (limit: 'timeout' | 'too-much-output') => () =>
    endEarly(limitFailure(run, limit, stderr.tail()))
  const stdout = collectStdout(child.stdout, run, endEarly, exceeded('too-much-output'))
  const onAbort = () => endEarly(run.signal?.reason)
  run.signal?.addEventListener('abort', onAbort, { once: true })
  const deadline = setTimeout(exceeded('timeout'), run.timeoutMs)

  const result = end
    .then((end) => {
      stdout.end()
      stderr.end()
      if (endedBy) throw endedBy
      const failure = failureOf(run.command, end, stderr.tail())
      if (failure) throw failure
      return { stdout: stdout.text(), stderrTail: stderr.tail() }
    })
    .finally(() => {
      clearTimeout(deadline)
      run.signal?.removeEventListener('abort', onAbort)
    })
  // Of two tools in a pipe one may fail while the other is awaited.
  result.catch(() => {})
  return {
    stdout: child.stdout,
    stdin: child.stdin as Writable,
    result,
    readStdout: stdout.read,
    kill: () => kill(child, run),
  }
}

interface ToolEnd {
  code: number | null
  signal: NodeJS.Signals | null
}

function kill(child: ChildProcess, { hasChildren }: ToolRun): void {
  if (!hasChildren || child.pid === undefined) return void child.kill('SIGKILL')
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group is gone: the tool and all it started have ended.
  }
}

function exited(child: ChildProcess, run: ToolRun) {
  const { command } = run
  return new Promise<ToolEnd>((resolve, reject) => {
    // What it started and left behind would hold its pipes open, and work for nobody.
    if (run.hasChildren) child.once('exit', () => kill(child, run))
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', (cause: NodeJS.ErrnoException) => {
      // Anything else is want of processes, descriptors or memory, which may pass.
      const isMissing = cause.code === 'ENOENT' || cause.code === 'EACCES'
      reject(isMissing ? new ToolFailure('missing', `${command} could not be started`, '', { cause }) : cause)
    })
  })
}

/** ffmpeg calls it success when only the last of a file found no room. */
function failureOf(command: string, end: ToolEnd, tail: string): Error | undefined {
  const failure = end.code === 0 ? undefined : ToolFailure.ofExit(command, end, tail)
  if (!saysDiskFull(tail)) return failure
  return diskFullError(failure ?? new ToolFailure('exit', `${command} found no room on the disk`, tail))
}

function collectStdout(stream: Readable, run: ToolRun, endEarly: (why: unknown) => void, excess: () => void) {
  const chunks: Buffer[] = []
  let bytes = 0
  const lines = run.onStdoutLine && splitLines(guarded(run.onStdoutLine, endEarly), MAX_LINE_CHARS)
  const take = (chunk: Buffer) => {
    if (lines) return lines.take(chunk)
    bytes += chunk.length
    if (bytes > (run.maxStdoutBytes ?? DEFAULT_STDOUT_BYTES)) return excess()
    chunks.push(chunk)
  }
  return {
    read: () => void stream.on('data', take),
    end: () => lines?.end(),
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}

function readStderr(stream: Readable, run: ToolRun, endEarly: (why: unknown) => void) {
  const tail: string[] = []
  const onLine = guarded(run.onStderrLine ?? (() => {}), endEarly)
  const lines = splitLines((line) => {
    onLine(line)
    tail.push(line)
    if (tail.length > STDERR_TAIL_LINES) tail.shift()
  }, MAX_LINE_CHARS)
  stream.on('data', lines.take)
  return { end: lines.end, tail: () => tail.join('\n') }
}

/** A listener that throws would take the whole process down from inside a stream event: it ends the run instead. */
function guarded(listener: (line: string) => void, endEarly: (why: unknown) => void) {
  return (line: string) => {
    try {
      listener(line)
    } catch (thrown) {
      endEarly(thrown)
    }
  }
}

function limitFailure(run: ToolRun, reason: 'timeout' | 'too-much-output', tail: string): ToolFailure {
  const sentence =
    reason === 'timeout'
      ? `${run.command} did not finish within ${run.timeoutMs} ms`
      : `${run.command} printed more than ${run.maxStdoutBytes ?? DEFAULT_STDOUT_BYTES} bytes`
  return new ToolFailure(reason, sentence, tail)
}
