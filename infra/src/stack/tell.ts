import { styleText } from 'node:util'
import { terminalLine } from './terminal-line.ts'

/** What the user sees while it runs: little, unless something is wrong. */
export interface Tell {
  say(text: string): void
  /** One line of a service's log, shown when it is a warning or worse. */
  line(service: string, line: string): void
}

export function tellTerminal(): Tell {
  // The terminal may be closed before we are stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const lastShown = new Map<string, string>()
  return {
    say: (text) => process.stdout.write(`${text}\n`),
    line: (service, line) => {
      const shown = terminalLine(service, line)
      // A service that waits for Redis says so every second: once is enough.
      if (shown === undefined || lastShown.get(service) === shown) return
      lastShown.set(service, shown)
      process.stderr.write(`${styleText('yellow', shown, { stream: process.stderr })}\n`)
    },
  }
}
