export type ToolFailureReason = 'exit' | 'signal' | 'timeout' | 'too-much-output' | 'missing'

/** A tool that did not end well. Whether that is the file's fault or the machine's, only the caller knows. */
export class ToolFailure extends Error {
  readonly reason: ToolFailureReason
  readonly stderrTail: string

  constructor(reason: ToolFailureReason, message: string, stderrTail: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ToolFailure'
    this.reason = reason
    this.stderrTail = stderrTail
  }

  static ofExit(command: string, end: { code: number | null; signal: string | null }, tail: string) {
    const lastLine = tail.split('\n').findLast((line) => line.trim() !== '') ?? ''
    // The wrappers of confine.ts report a command they cannot find as 127, like a shell.
    if (end.code === 127) return new ToolFailure('missing', `${command} is not installed: ${lastLine}`, tail)
    if (end.signal === 'SIGXFSZ') {
      return new ToolFailure('too-much-output', `${command} wrote a larger file than it may`, tail)
    }
    if (end.signal)
      return new ToolFailure('signal', `${command} was ended by ${end.signal}: ${lastLine}`, tail)
    return new ToolFailure('exit', `${command} exited with ${end.code}: ${lastLine}`, tail)
  }
}

/**
 * Whether the file is to blame: it was read and refused, crashed the reader, or kept it busy for too long.
 * A missing tool or a kill from outside says nothing about the file and is worth another try.
 */
export function blamesTheFile(thrown: unknown): thrown is ToolFailure {
  if (!(thrown instanceof ToolFailure)) return false
  if (thrown.reason === 'signal') return /SIG(SEGV|ABRT|BUS|FPE|ILL)/.test(thrown.message)
  return thrown.reason !== 'missing'
}
