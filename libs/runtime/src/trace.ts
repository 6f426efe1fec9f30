import { randomUUID } from 'node:crypto'

/** Where a piece of work stands in a trace, in the terms of W3C Trace Context. */
export interface Trace {
  traceId: string
  /** Of this piece of work. */
  spanId: string
  /** The header that says both to whoever is asked next. */
  traceparent: string
}

/** Later versions may say more behind the flags; what version 00 says they all begin with. */
const HEADER =
  /^(?<version>[\da-f]{2})-(?<traceId>[\da-f]{32})-(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/
const SAMPLED = 0x01

/**
 * A new piece of work in the trace that a `traceparent` header names. Without one, or with one that is malformed, it
 * is the first of a trace of its own: callers can't be trusted to send sense.
 */
export function continueTrace(header?: string | null): Trace {
  const caller = parse(header ?? '')
  const traceId = caller?.traceId ?? randomHex(32)
  const spanId = randomHex(16)
  const flags = (caller?.isSampled ?? true) ? '01' : '00'
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` }
}

/** As log lines name it; the names are those that OpenTelemetry's collectors look for. */
export const inLog = ({ traceId, spanId }: Trace): { trace_id: string; span_id: string } => ({
  trace_id: traceId,
  span_id: spanId,
})

/** Of a UUID, which Node makes ahead: a worker needs thousands a second. Never all zeros. */
const randomHex = (digits: number): string => randomUUID().replaceAll('-', '').slice(-digits)

function parse(header: string): { traceId: string; isSampled: boolean } | undefined {
  const { version, traceId, spanId, flags, more } = HEADER.exec(header.trim())?.groups ?? {}
  if (!traceId || !spanId || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  // All zeros are no id.
  if (!/[^0]/.test(traceId) || !/[^0]/.test(spanId)) return undefined
  return { traceId, isSampled: (Number.parseInt(flags ?? '', 16) & SAMPLED) !== 0 }
}
