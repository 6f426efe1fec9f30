import path from 'node:path'
import { type Running, startChild } from '@app/infra'
import { z } from 'zod'

const Ready = z.object({ ready: z.object({ url: z.url(), variables: z.record(z.string(), z.string()) }) })
const Requests = z.record(z.string(), z.number())
const ANSWER_MS = 5_000

export interface SandboxChild extends AsyncDisposable {
  url: string
  /** What services are told, so that they take it for their providers. */
  variables: Record<string, string>
  /** How often each route was asked so far. */
  requests: () => Promise<Record<string, number>>
}

/** The sandbox in a process of its own, which ends with the scope, and with ours. */
export async function startSandboxChild(): Promise<SandboxChild> {
  const lines: string[] = []
  const child = await startChild({
    command: process.execPath,
    args: [path.resolve(import.meta.dirname, '../../sandbox.ts'), '--port', '0'],
    env: process.env,
    tie: 'ipc',
    onLine: (line) => void lines.push(line),
  })
  try {
    const { url, variables } = Ready.parse(await child.message()).ready
    return { url, variables, requests: () => requestsOf(url), [Symbol.asyncDispose]: child.stop }
  } catch (error) {
    await (child as Running).stop()
    throw new Error(`the sandbox did not start:\n${lines.join('\n')}`, { cause: error })
  }
}

async function requestsOf(url: string): Promise<Record<string, number>> {
  const answer = await fetch(`${url}/requests`, { signal: AbortSignal.timeout(ANSWER_MS) })
  return Requests.parse(await answer.json())
}
