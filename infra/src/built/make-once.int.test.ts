import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeOnce } from './make-once.ts'

let all: string
beforeEach(() => {
  all = mkdtempSync(path.join(os.tmpdir(), 'make-once-'))
})
afterEach(() => rmSync(all, { recursive: true, force: true }))

const MAKER = path.join(import.meta.dirname, '../../fixtures/folder-maker.ts')
const maker = (name: string): ChildProcess => fork(MAKER, [path.join(all, 'made'), name])

it('has one process make it while the others wait, and they take what it made', async () => {
  const first = maker('a')
  await once(first, 'message')
  const [second, third] = [maker('b'), maker('c')]
  const others = [once(second, 'exit'), once(third, 'exit')]

  expect(existsSync(path.join(all, 'made'))).toBe(false)
  first.send('go on')
  await once(first, 'exit')

  expect(await Promise.all(others)).toEqual([
    [0, null],
    [0, null],
  ])
  expect(readdirSync(path.join(all, 'made')).sort()).toEqual(['first-a', 'second-a'])
})

it('leaves nothing half made when it is killed, and the next begins anew', async () => {
  const killed = maker('a')
  await once(killed, 'message')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  expect(existsSync(path.join(all, 'made'))).toBe(false)

  const next = maker('b')
  await once(next, 'message')
  next.send('go on')
  await once(next, 'exit')

  expect(readdirSync(path.join(all, 'made')).sort()).toEqual(['first-b', 'second-b'])
})

it('makes nothing where making fails, and lets the next try', async () => {
  const directory = path.join(all, 'made')
  const noRoom = async (draft: string) => {
    mkdirSync(draft)
    throw new Error('no room')
  }
  await expect(makeOnce(directory, noRoom)).rejects.toThrow('no room')
  expect(readdirSync(all)).toEqual(['lock'])

  await makeOnce(directory, async (draft) => void mkdirSync(draft))

  expect(existsSync(directory)).toBe(true)
})

it('removes what nobody has used for a week', async () => {
  const [unused, used] = [path.join(all, 'unused'), path.join(all, 'used')]
  for (const folder of [unused, used]) mkdirSync(folder)
  const eightDaysAgo = new Date(Date.now() - 8 * 86_400_000)
  utimesSync(unused, eightDaysAgo, eightDaysAgo)

  await makeOnce(path.join(all, 'made'), async (draft) => void mkdirSync(draft))

  expect(existsSync(unused)).toBe(false)
  expect(existsSync(used)).toBe(true)
})
