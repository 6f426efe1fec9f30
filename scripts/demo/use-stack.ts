import { readStack, type Stack, startStack } from '@app/infra'
import { requestApi } from './client/call-api.ts'

export interface StackInUse extends AsyncDisposable {
  stack: Stack
  /** Whether it was started here, and ends with the scope. */
  isOwn: boolean
}

interface UseOptions {
  dataDir: string
  port: number
  /** For a stack that is started here. */
  env?: Readonly<Record<string, string>>
  signal: AbortSignal
  /** Called before a stack is started, which takes some seconds. */
  onStart: () => void
}

const ANSWER_MS = 5_000

/** The stack that runs on the data directory, or one of our own until the end of the scope. */
export async function useStack({
  dataDir,
  port,
  env = {},
  signal,
  onStart,
}: UseOptions): Promise<StackInUse> {
  const running = readStack(dataDir)
  if (running && (await isReady(running))) {
    return { stack: running, isOwn: false, async [Symbol.asyncDispose]() {} }
  }
  onStart()
  // Given up halfway it ends by itself: it is tied to our process.
  const { stack, stop } = await orAborted(startStack({ dataDir, port, env }), signal)
  return { stack, isOwn: true, [Symbol.asyncDispose]: stop }
}

/** A file that a killed stack left behind names an address where nobody, or somebody else, answers. */
async function isReady({ api_url: url, admin_token: token }: Stack): Promise<boolean> {
  try {
    await requestApi({ url, token }, '/api/v1/admin/audiobooks?page_size=1', { timeoutMs: ANSWER_MS })
    return true
  } catch {
    return false
  }
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    work.catch(() => {})
  }
}
