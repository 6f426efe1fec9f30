/** A Ctrl-C reaches us more than once: from the terminal, from npm, and from what npm started. */
const SAME_MS = 1_000

/** Ctrl-C and friends call everything off in order; a second one, later, ends it at once. */
export function signalsAsAbort(): AbortController {
  const controller = new AbortController()
  let firstAtMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        firstAtMs = performance.now()
        process.stderr.write('\nStopping …\n')
        controller.abort(new Error(`stopped by ${signal}`))
      } else if (performance.now() - firstAtMs > SAME_MS) process.exit(130)
    })
  }
  return controller
}
