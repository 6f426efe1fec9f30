/** What of a service's log a user should see at once: warnings and worse, in one line. Pure. */
export function terminalLine(service: string, line: string): string | undefined {
  const entry = parse(line)
  // Not a log entry: what Node prints when a program crashes. Never hide that.
  if (!entry) return line.trim() === '' ? undefined : `${service.padEnd(12)} ${line}`
  if (!SHOWN.has(entry.level)) return undefined
  const reason = entry.err?.message ? `: ${plain(entry.err.message)}` : ''
  return `${service.padEnd(12)} ${entry.level.padEnd(5)} ${entry.msg ?? ''}${reason}`
}

/** What ioredis says of a connection that is gone names its own settings, which nobody here can change. */
function plain(reason: string): string {
  return REDIS_GONE.test(reason) ? 'Redis is away' : reason
}

const REDIS_GONE = /maxRetriesPerRequest|enableOfflineQueue/

const SHOWN = new Set(['warn', 'error', 'fatal'])

interface Entry {
  level: string
  msg?: string
  err?: { message?: string }
}

function parse(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line) as Partial<Entry>
    return typeof value.level === 'string' ? { ...value, level: value.level } : undefined
  } catch {
    return undefined
  }
}
