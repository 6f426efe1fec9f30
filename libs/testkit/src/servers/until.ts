import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 60_000

/** Asks again and again until the answer is yes: servers tell nobody when they have come to an agreement. */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS
  while (!(await isTrue().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error(`waited in vain ${PATIENCE_MS} ms until ${what}`)
    await delay(50)
  }
}
