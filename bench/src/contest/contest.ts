import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { FatalError, withTimeout } from '@app/runtime'
import type { Entry } from './contestant.ts'
import type { Report } from './messages.ts'
import type { Sample, Servers } from './task.ts'

const MAIN = path.join(import.meta.dirname, 'contestant-main.ts')
/** No run takes a minute on a machine at rest; one that takes ten hangs. */
const RUN_TIMEOUT_MS = 10 * 60_000

interface ContestOptions {
  entries: Readonly<Record<string, Entry>>
  serversOf: (contestant: string, entry: Entry) => Promise<Servers>
  runs: number
  /** Without it, the first run counts. Default true. */
  warmUp?: boolean
  profileDir?: string | undefined
  onRun?: (contestant: string, run: number) => void
}

/**
 * Lets every contestant run once to warm up and then `runs` times, in turns, each in a process of its own: so noise of
 * the machine falls on all of them, and no two ever run together. Returns the samples that count. Rejects with
 * `bench-run-failed` when one fails, or delivers anything but exactly once.
 */
export async function holdContest(options: ContestOptions): Promise<Record<string, Sample[]>> {
  const { entries, runs, warmUp = true, onRun } = options
  const names = Object.keys(entries)
  const samples: Record<string, Sample[]> = Object.fromEntries(names.map((name) => [name, []]))
  const processes = new Map(names.map((name) => [name, startProcess(name, options.profileDir)]))
  try {
    for (let run = warmUp ? 0 : 1; run <= runs; run += 1) {
      for (const name of inTurns(names, run)) {
        const entry = entries[name] as Entry
        onRun?.(name, run)
        const servers = await options.serversOf(name, entry)
        const sample = await order(name, processes.get(name) as ChildProcess, { ...entry, servers })
        // Run 0 is for connections, caches and compilers.
        if (run > 0) samples[name]?.push(sample)
      }
    }
    return samples
  } finally {
    await Promise.all([...processes.values()].map(end))
  }
}

/** Whoever ran first in one round runs last in the next: what one leaves to the next falls on all alike. */
const inTurns = (names: readonly string[], run: number): string[] => {
  const first = run % names.length
  return [...names.slice(first), ...names.slice(0, first)]
}

function startProcess(name: string, profileDir: string | undefined): ChildProcess {
  const file = `${name.replaceAll(/\W+/g, '-')}.cpuprofile`
  return fork(MAIN, [], {
    execArgv: profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${file}`] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

async function order(name: string, child: ChildProcess, message: Entry & { servers: Servers }) {
  const answer = Promise.withResolvers<Report>()
  const onExit = (code: number | null, signal: string | null) =>
    answer.resolve({ failed: `its process ended (${signal ?? `exit code ${code}`})` })
  child.once('message', answer.resolve)
  child.once('exit', onExit)
  child.send(message)
  try {
    const report = await withTimeout(answer.promise, RUN_TIMEOUT_MS, `run of ${name}`)
    if ('sample' in report) return report.sample
    throw new FatalError('bench-run-failed', `${name}, ${message.task}: ${report.failed}`)
  } finally {
    child.off('message', answer.resolve)
    child.off('exit', onExit)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.disconnect()
  await withTimeout(exited, 10_000, 'end of a contestant').catch(() => child.kill('SIGKILL'))
}
