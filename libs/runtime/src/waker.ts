/** A sleep that others may cut short; a wake that comes while nobody sleeps makes the next sleep end at once. */
export function createWaker() {
  let pending = false
  let end: (() => void) | undefined

  return {
    wake(): void {
      pending = true
      end?.()
    },

    /** Whether the next sleep will end at once. */
    isPending: (): boolean => pending,

    async sleep(ms: number, signal: AbortSignal): Promise<void> {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          end = () => {
            clearTimeout(timer)
            resolve()
          }
          signal.addEventListener('abort', end, { once: true })
        })
        if (end) signal.removeEventListener('abort', end)
        end = undefined
      }
      pending = false
    },
  }
}

export type Waker = ReturnType<typeof createWaker>
