import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from './write-file.ts'

/** `.data/stack.json`: what scripts need to talk to a running stack. Its owner's alone: it holds tokens. */
export const Stack = z.object({
  api_url: z.url(),
  admin_token: z.string(),
  user_token: z.string(),
  service_token: z.string(),
  database_url: z.string(),
  redis_url: z.string(),
  /** The processes that run this moment; one that is being restarted is missing. */
  services: z.array(
    z.object({
      name: z.string(),
      pid: z.int(),
      /** Of our services: where they answer `/healthz`, `/readyz` and `/metrics`. */
      url: z.url().optional(),
    }),
  ),
  supervisor_pid: z.int(),
  data_dir: z.string(),
})
export type Stack = z.infer<typeof Stack>

/** The stack that last wrote its file here, running or not. */
export function readStack(dataDir: string): Stack | undefined {
  try {
    return Stack.parse(JSON.parse(readFileSync(stackFile(dataDir), 'utf8')))
  } catch {
    return undefined
  }
}

export function writeStack(stack: Stack): void {
  writeFileAtomically(stackFile(stack.data_dir), `${JSON.stringify(stack, null, 2)}\n`)
}

export function removeStack(dataDir: string): void {
  rmSync(stackFile(dataDir), { force: true })
}

function stackFile(dataDir: string): string {
  return path.join(dataDir, 'stack.json')
}
