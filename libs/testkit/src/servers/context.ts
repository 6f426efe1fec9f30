import { inject } from 'vitest'
import type { Template } from './template-database.ts'

/** What the global setup hands to every test file. Plain data: it travels between processes. */
export interface TestServers {
  redisUrl: string
  /** Where `borrowPglite` asks. */
  pglitePoolUrl: string
  /** Undefined where the machine has no PostgreSQL with pgvector: then PGlite stands in for it. */
  postgres: { adminUrl: string; template: Template } | undefined
  /** Of this run only, and gone with it. */
  tempDir: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: TestServers
  }
}

/** Fails with a sentence in a project that has no global setup. */
export function testServers(): TestServers {
  const servers: TestServers | undefined = inject('servers')
  if (!servers) throw new Error('this test needs servers: name its file *.int.test.ts or *.e2e.test.ts')
  return servers
}
