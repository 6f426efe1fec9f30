import type { PlantedBug } from './model/planted-bugs.ts'
import type { SimulationOptions } from './options.ts'
import { plantInSource } from './plant-in-source.ts'

/** More of them say no more. */
const MOST_VIOLATIONS = 3
/** Of a trace, what is told of a seed that went wrong without being asked for. */
const LAST_STEPS = 30
const TELL_EVERY_MS = 10_000

export interface SimulationReport {
  seeds: number
  firstSeed: number
  planted: PlantedBug | null
  jobs: number
  violations: { seed: number; violation: string }[]
  /** What went by on the simulated clocks. */
  simulatedHours: number
  seconds: number
  cpuSeconds: number
}

interface Simulation extends SimulationOptions {
  signal: AbortSignal
  tell: (line: string) => void
}

/** Simulates one seed after the other, and tells how it came about where one goes wrong. */
export async function runSimulation(simulation: Simulation): Promise<SimulationReport> {
  const { seed: firstSeed, seeds, plant, trace, first, signal, tell } = simulation
  if (plant !== undefined) plantInSource(plant)
  // Only now: a bug may have to be planted first.
  const { simulate } = await import('./simulate.ts')
  const bugs = new Set(plant === undefined ? [] : [plant])
  const report = { seeds: 0, jobs: 0, violations: [] as SimulationReport['violations'] }
  const clock = startClock()
  let virtualMs = 0
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    signal.throwIfAborted()
    const result = await simulate(seed, trace ? { bugs, trace: tell } : { bugs })
    report.seeds += 1
    report.jobs += result.jobs
    virtualMs += result.virtualMs
    if (result.violation !== undefined) {
      report.violations.push({ seed, violation: result.violation })
      if (!trace) for (const line of await lastSteps(seed)) tell(line)
      tell(`WRONG: seed ${seed}: ${result.violation} (--simulate --seed ${seed} --trace tells all of it)`)
      if (report.violations.length === (first ? 1 : MOST_VIOLATIONS)) break
    }
    if (clock.isTimeToTell()) tell(`${report.seeds} seeds, ${report.violations.length} went wrong`)
  }
  return {
    ...report,
    ...{ firstSeed, planted: plant ?? null },
    simulatedHours: rounded(virtualMs / 3_600_000),
    ...clock.spent(),
  }

  async function lastSteps(seed: number): Promise<string[]> {
    const lines: string[] = []
    await simulate(seed, { bugs, trace: (line) => lines.push(line) })
    return lines.slice(-LAST_STEPS)
  }
}

/** Real time. */
function startClock() {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
  let tellAt = startedAt + TELL_EVERY_MS
  return {
    isTimeToTell(): boolean {
      if (performance.now() < tellAt) return false
      tellAt += TELL_EVERY_MS
      return true
    },
    spent() {
      const { user, system } = process.cpuUsage(cpu)
      return {
        seconds: rounded((performance.now() - startedAt) / 1_000),
        cpuSeconds: rounded((user + system) / 1_000_000),
      }
    },
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10

/** The report for people. */
export const describeSimulation = (report: SimulationReport): string =>
  `${report.seeds} seeds from ${report.firstSeed} on, ${report.jobs} jobs, ${report.simulatedHours} simulated hours in ` +
  `${report.seconds} s: ${report.violations.length === 0 ? 'nothing went wrong' : `${report.violations.length} went wrong`}`
