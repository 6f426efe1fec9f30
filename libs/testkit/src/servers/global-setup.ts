import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort, type Running, startRedis, startTemporaryCluster } from '@app/infra'
import type { TestProject } from 'vitest/node'
import type { TestServers } from './context.ts'
import { startPglitePool } from './pglite-pool.ts'
import { prepareTemplate } from './template-database.ts'
import { usedDatabases } from './used-databases.ts'

interface Started {
  servers: TestServers
  stop(): Promise<void>
  users: number
}

/** Vitest loads this file once per project, each time anew; the servers are started once. */
const shared = globalThis as { scriptoriumTestServers?: Promise<Started> | undefined }

/** Starts one Redis and one PostgreSQL for all test files; they end with Vitest, however it ends. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.scriptoriumTestServers ??= start()
  const started = await shared.scriptoriumTestServers
  started.users += 1
  project.provide('servers', started.servers)
  return async () => {
    started.users -= 1
    if (started.users === 0) await started.stop()
  }
}

async function start(): Promise<Started> {
  const tempDir = mkdtempSync(path.join(os.tmpdir(), 'scriptorium-test-'))
  // Ctrl-C ends Vitest without a teardown. (A PostgreSQL that is still ending is asked by its guard to clean up.)
  process.once('exit', () => rmSync(tempDir, { recursive: true, force: true, maxRetries: 3 }))
  const running: Pick<Running, 'stop'>[] = []
  let dropDatabases = async () => {}
  const stop = async () => {
    await dropDatabases()
    await Promise.all(running.map((server) => server.stop()))
    rmSync(tempDir, { recursive: true, force: true })
  }
  try {
    const redis = await startRedis({ port: await freePort(), password: 'test' })
    running.push(redis)
    const pglites = await startPglitePool(tempDir)
    running.push(pglites)
    const adminUrl = process.env.TEST_DATABASE_URL || (await ownCluster(tempDir, running))
    const template = adminUrl ? await prepareTemplate(adminUrl) : undefined
    const postgres =
      adminUrl && template
        ? { adminUrl, template: { name: template.name, shape: template.shape } }
        : undefined
    if (postgres) {
      const used = usedDatabases({ ...postgres, directory: path.join(tempDir, 'used-databases') })
      dropDatabases = async () => {
        await used.drop()
        await template?.drop()
      }
    }
    const servers = { redisUrl: redis.url, pglitePoolUrl: pglites.url, postgres, tempDir }
    return { servers, stop, users: 0 }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ownCluster(tempDir: string, running: Pick<Running, 'stop'>[]): Promise<string | undefined> {
  const cluster = await startTemporaryCluster(path.join(tempDir, 'postgres'))
  if ('url' in cluster) {
    running.push(cluster)
    return cluster.url
  }
  // Once, where everybody sees it; the tests that are skipped for it say so by their names.
  process.stderr.write(
    `No PostgreSQL for the tests (${cluster.missing}): they run on PGlite, some are skipped.\n`,
  )
  return undefined
}
