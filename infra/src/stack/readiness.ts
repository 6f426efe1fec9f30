import { abortableDelay, FatalError } from '@app/runtime'

const PATIENCE_MS = 120_000
const POLL_MS = 100
const ANSWER_MS = 3_000

export interface Probe {
  name: string
  /** Changes when it is restarted. */
  url: () => string
  /** Throws when there is no point in waiting any longer. */
  assertHopeful: () => void
}

/** Resolves when every probe answers 200; says which does not, and what it says instead. */
export async function untilReady(probes: readonly Probe[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  await Promise.all(
    probes.map(async (probe) => {
      for (let answer = await ask(probe.url()); answer !== 'ready'; answer = await ask(probe.url())) {
        probe.assertHopeful()
        if (performance.now() > deadline) {
          throw new FatalError('service-not-ready', `${probe.name} does not become ready: ${answer}`)
        }
        await abortableDelay(POLL_MS, signal)
      }
    }),
  )
}

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
    const body = await response.text()
    return response.ok ? 'ready' : `${response.status} ${body.slice(0, 500)}`
  } catch {
    return 'no answer'
  }
}
