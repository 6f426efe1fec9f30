import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { watchPart } from './watch.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'watch-'))
  for (const folder of ['libs/db/src', 'services/api/src', 'services/embedder/src']) {
    mkdirSync(path.join(root, folder), { recursive: true })
  }
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Watches two services, and tells which were restarted once `count` were. */
async function restartedBy(count: number, files: readonly string[]): Promise<string[]> {
  const restarted: string[] = []
  const enough = Promise.withResolvers<void>()
  const service = (name: string) => ({
    restart: async () => {
      restarted.push(name)
      if (restarted.length === count) enough.resolve()
    },
  })
  const services = new Map(['api', 'embedder'].map((name) => [name, service(name)]))
  const part = watchPart(root, services)
  await part.start?.({ signal: new AbortController().signal, fail: () => {} })
  for (const file of files) writeFileSync(path.join(root, file), '// changed')
  await enough.promise
  await part.stop?.()
  return restarted.sort()
}

it('restarts a service when a file of its own changes, and not for a test', async () => {
  expect(await restartedBy(1, ['services/api/src/a.test.ts', 'services/embedder/src/main.ts'])).toEqual([
    'embedder',
  ])
})

it('restarts all services, each once, when a lib changes', async () => {
  expect(await restartedBy(2, ['libs/db/src/index.ts', 'libs/db/src/connect.ts'])).toEqual([
    'api',
    'embedder',
  ])
})
