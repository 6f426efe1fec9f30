const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000001 }
const PART = /(\d{1,15}(?:\.\d{1,9})?)(ms|us|µs|ns|d|h|m|s)/gy

/**
 * Milliseconds in a span as providers write them: `6m0s`, `120ms`, `1s`, `1h2m3.5s`, or plain seconds. Undefined for
 * anything else: a header that can't be read teaches nothing.
 */
export function parseSpan(text: string | undefined | null): number | undefined {
  const trimmed = text?.trim() ?? ''
  if (/^\d{1,15}(\.\d{1,9})?$/.test(trimmed)) return Number(trimmed) * 1_000
  let [ms, end] = [0, 0]
  for (const [part, amount, unit] of trimmed.matchAll(PART)) {
    ms += Number(amount) * UNITS[unit as keyof typeof UNITS]
    end += part.length
  }
  return end > 0 && end === trimmed.length ? ms : undefined
}

/** Milliseconds that `retry-after-ms` or `Retry-After` asks for. A date is held against the answer's own `Date`. */
export function parseWait(headers: { get(name: string): string | null }): number | undefined {
  const exact = headers.get('retry-after-ms')?.trim() ?? ''
  if (/^\d{1,15}(\.\d{1,9})?$/.test(exact)) return Number(exact)
  const text = headers.get('retry-after')
  const span = parseSpan(text)
  if (span !== undefined) return span
  const [until, sent] = [Date.parse(text ?? ''), Date.parse(headers.get('date') ?? '')]
  // By the server's clock alone: ours may be minutes off.
  return Number.isNaN(until) || Number.isNaN(sent) ? undefined : Math.max(0, until - sent)
}
