import path from 'node:path'
import { z } from 'zod'
import { type Running, startChild } from './process/child.ts'
import { Stack } from './stack/stack-file.ts'

export interface StartStackOptions {
  dataDir: string
  /** 0, the default, chooses a free one. */
  port?: number
  /** Added to our own environment. */
  env?: Readonly<Record<string, string | undefined>>
  /** What a user would see on the terminal, line by line. */
  onLine?: (line: string) => void
}

export interface RunningStack extends Running {
  stack: Stack
}

const Ready = z.object({ ready: Stack })
/** Lines kept to say why it did not start. */
const LAST_LINES = 30

/** Starts the whole stack as `npm start` does, in a process of its own; resolves when all of it is ready. */
export async function startStack({
  dataDir,
  port = 0,
  env,
  onLine,
}: StartStackOptions): Promise<RunningStack> {
  const lastLines: string[] = []
  const child = await startChild({
    command: process.execPath,
    args: [path.join(import.meta.dirname, 'start.ts'), '--data-dir', dataDir, '--port', String(port)],
    env: { ...process.env, ...env },
    tie: 'ipc',
    stopTimeoutMs: 60_000,
    onLine: (line) => {
      if (lastLines.push(line) > LAST_LINES) lastLines.shift()
      onLine?.(line)
    },
  })
  try {
    const { ready } = Ready.parse(await child.message())
    return { ...child, stack: ready }
  } catch (error) {
    await child.stop()
    throw new Error(`the stack did not start:\n${lastLines.join('\n')}`, { cause: error })
  }
}
