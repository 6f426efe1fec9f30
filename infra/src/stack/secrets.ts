import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { writeFileAtomically } from './write-file.ts'

const Secrets = z.object({
  jwtSecret: z.string(),
  signingSecret: z.string(),
  redisPassword: z.string(),
  postgresPassword: z.string(),
  /** Who the tokens speak for: the same people after every restart, or their books would be nobody's. */
  userIds: z.object({ admin: z.uuid(), user: z.uuid(), service: z.uuid() }),
})
export type Secrets = z.infer<typeof Secrets>

/** The secrets of this data directory, made once. */
export function readSecrets(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json')
  const existing = readIfThere(file)
  if (existing !== undefined) return Secrets.parse(JSON.parse(existing))
  const secrets = createSecrets()
  mkdirSync(dataDir, { recursive: true })
  writeFileAtomically(file, `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}

function createSecrets(): Secrets {
  const secret = () => randomBytes(32).toString('base64url')
  return {
    jwtSecret: secret(),
    signingSecret: secret(),
    redisPassword: secret(),
    postgresPassword: secret(),
    userIds: { admin: randomUUID(), user: randomUUID(), service: randomUUID() },
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
