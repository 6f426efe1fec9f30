import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { asError } from './errors.ts'
import { sourceStack } from './source-stack.ts'

/** Longer chains are cut: a cause that leads back to itself must not hang the logger. */
const MAX_CAUSES = 8
const MAX_MESSAGE_CHARACTERS = 2000

export interface DescribedError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: DescribedError
  errors?: DescribedError[]
}

/** An error as plain fields with its causes, for a log line. */
export function describeError(thrown: unknown, depth = 0): DescribedError {
  const error = asError(thrown)
  const code = ownCode(error)
  const described: DescribedError = { type: errorClass(error), message: error.message }
  if (code !== undefined) described.code = code
  if (error.stack) described.stack = sourceStack(error.stack)
  if (depth >= MAX_CAUSES) return described

  if (error.cause !== undefined) described.cause = describeError(error.cause, depth + 1)
  if (error instanceof AggregateError) {
    described.errors = error.errors.slice(0, MAX_CAUSES).map((one) => describeError(one, depth + 1))
  }
  return described
}

/** The name a dead letter and a metric label carry: `FatalError`, `TypeError`, `DatabaseError`, … */
export function errorClass(thrown: unknown): string {
  const error = asError(thrown)
  // SDKs subclass Error and forget `name`; the constructor still knows.
  return error.name !== 'Error' ? error.name : error.constructor.name
}

/** Our kebab-case code, Node's `ECONNREFUSED`, Postgres' SQLSTATE: whatever the error or its nearest cause says. */
export function errorCode(thrown: unknown): string | undefined {
  let error: unknown = thrown
  for (let depth = 0; error instanceof Error && depth <= MAX_CAUSES; depth += 1) {
    const code = ownCode(error)
    if (code !== undefined) return code
    error = error.cause
  }
  return undefined
}

/** One line for a person, causes included; never empty (Node's failed connects have an empty message). */
export function errorMessage(thrown: unknown): string {
  const messages: string[] = []
  let error: unknown = thrown
  for (let depth = 0; error !== undefined && error !== null && depth <= MAX_CAUSES; depth += 1) {
    const message = ownMessage(asError(error))
    // Wrappers often repeat what they wrap: said once is enough.
    if (!messages.some((earlier) => earlier.includes(message))) messages.push(message)
    error = error instanceof Error ? error.cause : undefined
  }
  return messages.join(': ').slice(0, MAX_MESSAGE_CHARACTERS)
}

/**
 * Sixteen hex digits, the same for the same fault wherever and on whatever it happens:
 * class, code, the message without its numbers, ids and paths, and the first function of ours on the stack.
 */
export function fingerprint(thrown: unknown): string {
  const error = asError(thrown)
  const parts = [
    errorClass(error),
    errorCode(error) ?? '',
    normalizeMessage(ownMessage(error)),
    ownFrame(error),
  ]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)
}

function ownCode(error: Error): string | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined
}

function ownMessage(error: Error): string {
  if (error.message !== '') return error.message
  if (error instanceof AggregateError && error.errors.length > 0) return ownMessage(asError(error.errors[0]))
  return errorCode(error) ?? errorClass(error)
}

/** Order matters: an id is made of numbers, and a path may contain both. */
function normalizeMessage(message: string): string {
  return message
    .slice(0, MAX_MESSAGE_CHARACTERS)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>')
    .replace(/(?:[a-z]+:\/\/|\.{0,2}\/)[^\s'"`,;:)]+|\b[\w<>.-]+(?:\/[\w<>.-]+)+/gi, '<path>')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<hex>')
    .replace(/\d+(?:[.]\d+)*/g, '<n>')
}

/** The function's name, or the file's where it has none; never a line number, which any edit above it moves. */
function ownFrame(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const own = frames.find((line) => !/node:|node_modules/.test(line))
  const [, name, file] = sourceStack(own ?? '').match(/at (?:async )?(?:(.+?) \()?(.+?)(?::\d+)*\)?$/) ?? []
  return name ?? (file ? basename(file) : '')
}
