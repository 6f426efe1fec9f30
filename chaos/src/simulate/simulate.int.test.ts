import { execFile } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { PLANTED_BUGS, type PlantedBug } from './model/planted-bugs.ts'
import type { SimulationReport } from './run-simulation.ts'

// In processes of their own: a simulation takes the timers of the whole process, and a bug is planted as code is loaded.
const MAIN = path.join(import.meta.dirname, '../main.ts')
const TIMEOUT_MS = 400_000

function simulated(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const command = [MAIN, '--simulate', ...args]
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      command,
      { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 ** 2 },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    )
  })
}

const reportOf = async (...args: string[]): Promise<SimulationReport> => {
  const { stdout, stderr } = await simulated(...args, '--json')
  return JSON.parse(stdout || JSON.stringify({ crashed: stderr }))
}

it('sees nothing that must never happen in two thousand seeds', { timeout: TIMEOUT_MS }, async () => {
  const report = await reportOf('--seeds', '2000')

  expect(report).toMatchObject({ seeds: 2_000, violations: [] })
})

/** Those that take thousands of seeds begin shortly before one; should that move, it is found later. */
const FROM: Partial<Record<PlantedBug, string>> = {
  'consumer-deleted-after-stale-read': '82700',
  'dispatched-at-not-cleared': '4400',
}

it.each(PLANTED_BUGS)('finds the planted bug %s', { timeout: TIMEOUT_MS }, async (bug) => {
  const from = FROM[bug] ?? '1'
  const { violations } = await reportOf('--seed', from, '--seeds', '20000', '--plant', bug, '--first')

  expect(violations).toHaveLength(1)
})

it('takes the same steps for the same seed, and tells of them', { timeout: TIMEOUT_MS }, async () => {
  const [once, again, other] = await Promise.all([
    simulated('--seed', '5', '--seeds', '20', '--trace'),
    simulated('--seed', '5', '--seeds', '20', '--trace'),
    simulated('--seed', '6', '--seeds', '20', '--trace'),
  ])

  expect(once.stderr).toMatch(/job 1: running.* → completed/)
  expect(once.stderr).toBe(again.stderr)
  expect(once.stderr).not.toBe(other.stderr)
})

it('tells which seed went wrong, and what came before', { timeout: TIMEOUT_MS }, async () => {
  const { stdout, stderr } = await simulated(
    ...['--plant', 'siblings-see-each-other-unfinished', '--first', '--json'],
  )
  const [first] = (JSON.parse(stdout) as SimulationReport).violations

  expect(stderr).toContain(`WRONG: seed ${first?.seed}: ${first?.violation}`)
  expect(stderr).toMatch(/job \d: running.* → completed/)
})
