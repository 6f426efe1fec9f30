import {
  type DestinationStream,
  type LoggerOptions,
  type Logger as PinoLogger,
  pino,
  stdTimeFunctions,
} from 'pino'
import { z } from 'zod'
import { describeError } from './error-report.ts'
import { lineOutput } from './log-output.ts'

const STDOUT = 1

export type Logger = PinoLogger

/** For `LOG_LEVEL`, so that a misspelt level is reported with the other variables. */
export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info')

/** JSON lines on standard output, each with the service's name. */
export function createLogger(
  service: string,
  level = 'info',
  destination: DestinationStream = lineOutput(STDOUT),
): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: serializeError, error: serializeError },
  }
  return pino(options, destination)
}

/**
 * Named fields only: errors of clients carry whole commands, requests and headers, and with them passwords
 * (ioredis keeps the arguments of AUTH on its ReplyError).
 */
function serializeError(thrown: unknown): unknown {
  return thrown instanceof Error ? describeError(thrown) : thrown
}
