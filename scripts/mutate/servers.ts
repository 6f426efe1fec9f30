import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startTemporaryCluster } from '@app/infra'
import { FatalError } from '@app/runtime'

/** One PostgreSQL for all runs: each would else begin with making its own. Error: `postgres-not-installed`. */
export async function startPostgres() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'scriptorium-mutate-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const cluster = await startTemporaryCluster(path.join(folder, 'postgres'))
  if ('missing' in cluster) {
    remove()
    throw new FatalError('postgres-not-installed', `No PostgreSQL to test with: ${cluster.missing}`)
  }
  return {
    url: cluster.url,
    async stop(): Promise<void> {
      await cluster.stop()
      remove()
    },
  }
}
