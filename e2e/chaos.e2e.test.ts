import path from 'node:path'
import { startChild } from '@app/infra'
import { realPostgres } from '@app/testkit'
import { expect, it } from 'vitest'

/** Another one brings other faults at other moments. */
const SEED = process.env.CHAOS_SEED ?? '1'
const SECONDS = 120

it.skipIf(!realPostgres())(
  `loses nothing and commits nothing twice in two minutes of faults, with seed ${SEED} (needs PostgreSQL)`,
  { timeout: 600_000 },
  async () => {
    const { how, report, lines } = await chaos(['--seconds', String(SECONDS), '--seed', SEED, '--verbose'])

    const told = `seed ${SEED}:\n${lines.join('\n')}`
    expect(report, told).toMatchObject({ lost: 0, committedTwice: 0, complaints: [] })
    expect(how, told).toBe('exit code 0')
    expect(report.completed + report.failedAsIntended).toBe(report.jobs)
    expect(Object.values(report.faults).reduce((sum, count) => sum + count)).toBeGreaterThan(SECONDS / 3)
  },
)

interface Report {
  jobs: number
  completed: number
  failedAsIntended: number
  faults: Record<string, number>
}

/** Runs the campaign as `npm run chaos` does; the report is its last line. */
async function chaos(args: readonly string[]): Promise<{ how: string; report: Report; lines: string[] }> {
  const lines: string[] = []
  let report: Report | undefined
  const child = await startChild({
    command: process.execPath,
    args: [path.join(import.meta.dirname, '../chaos/src/main.ts'), '--json', ...args],
    env: process.env,
    tie: 'guard',
    onLine: (line) => {
      if (line.startsWith('{')) report = JSON.parse(line)
      else lines.push(line)
    },
  })
  const how = await child.exited
  if (!report) throw new Error(`the campaign gave no report (${how}):\n${lines.join('\n')}`)
  return { how, report, lines }
}
