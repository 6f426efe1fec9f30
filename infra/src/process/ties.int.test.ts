import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { startChild } from './child.ts'
import { takeFileLock } from './file-lock.ts'
import { endOrphans, recordOf } from './orphans.ts'
import { processStamp } from './process-stamp.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'ties-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fixture = (name: string, ...args: string[]) =>
  startChild({
    command: process.execPath,
    args: [path.join(import.meta.dirname, '../../fixtures', name), ...args],
    tie: 'ipc',
  })

it('ends a guarded program when the process that started it is killed', async () => {
  const guardian = await fixture('guardian.ts')
  const { pid } = (await guardian.message()) as { pid: number }
  expect(processStamp(pid)).toBeDefined()

  process.kill(guardian.pid, 'SIGKILL')

  await vi.waitFor(() => expect(processStamp(pid)).toBeUndefined(), { timeout: 10_000 })
})

it('gives a lock to one process only, and takes it back when that is killed', async () => {
  const file = path.join(folder, 'one.lock')
  const holder = await fixture('lock-holder.ts', file)
  expect(await holder.message()).toEqual({ hasLock: true })
  expect(takeFileLock(file)).toBeUndefined()

  process.kill(holder.pid, 'SIGKILL')
  await holder.exited

  const lock = takeFileLock(file)
  expect(lock).toBeDefined()
  lock?.release()
})

it('ends the children of a run that was killed, and nobody who has got their process id since', async () => {
  const orphan = await startChild({ command: 'sleep', args: ['600'], tie: 'guard' })
  const stranger = await startChild({ command: 'sleep', args: ['600'], tie: 'guard' })
  const file = path.join(folder, 'children.json')
  const records = [
    recordOf('orphan', orphan.pid),
    { name: 'gone', pid: stranger.pid, stamp: 'an earlier one' },
  ]
  writeFileSync(file, JSON.stringify(records))

  await endOrphans(file, (found) => expect(found).toEqual([records[0]]))

  expect(await orphan.exited).toBe('SIGTERM')
  expect(processStamp(stranger.pid)).toBeDefined()
  await stranger.stop()
})

it('forces an orphan that does not listen', { timeout: 30_000 }, async () => {
  const trapped = Promise.withResolvers<string>()
  const deaf = await startChild({
    onLine: trapped.resolve,
    command: '/bin/sh',
    args: ['-c', 'trap "" TERM; echo deaf; while :; do sleep 1; done'],
    tie: 'guard',
  })
  await trapped.promise
  const file = path.join(folder, 'deaf.json')
  writeFileSync(file, JSON.stringify([recordOf('deaf', deaf.pid)]))

  await endOrphans(file, () => {}, 100)

  expect(await deaf.exited).toBe('SIGKILL')
})
