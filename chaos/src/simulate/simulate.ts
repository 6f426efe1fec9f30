import { seededRandom } from '../../../scripts/demo/book/seeded-random.ts'
import { hasEnded, judgeEnd } from './check/judge-end.ts'
import { Agenda } from './engine/agenda.ts'
import { installVirtualTime } from './engine/virtual-time.ts'
import type { Bugs } from './model/planted-bugs.ts'
import { planRows } from './world/jobs.ts'
import { planStorm } from './world/plan-storm.ts'
import { brew } from './world/storm.ts'
import { World } from './world/world.ts'

/** What is not done so long after the last fault is lost. */
const MOST_DRAIN_MS = 300_000

export interface Simulated {
  seed: number
  /** What must never happen and did; undefined where nothing did. */
  violation: string | undefined
  jobs: number
  /** From the first moment to the end of the last job. */
  virtualMs: number
}

export interface SimulateOptions {
  bugs: Bugs
  trace?: (line: string) => void
}

/** Runs one seed: the same events in the same order, each time. */
export async function simulate(seed: number, { bugs, trace }: SimulateOptions): Promise<Simulated> {
  const random = seededRandom(seed)
  const agenda = new Agenda()
  const storm = planStorm(random)
  const planned = planRows(random, { untilMs: storm.untilMs, isBusy: storm.sweepEveryMs !== undefined })
  const restore = installVirtualTime({ agenda, random })
  try {
    const types = new Set(planned.map(({ type }) => type))
    const world = new World({ seed, storm, bugs, types, random, agenda, trace })
    world.tell(() => `seed ${seed}: ${JSON.stringify(storm)}`)
    for (const [index, row] of planned.entries()) world.tell(() => `job ${index + 1}: ${JSON.stringify(row)}`)
    world.insert(planned)
    for (let process = 0; process < storm.processes; process += 1) world.startProcess()
    brew(world)
    const mostMs = storm.untilMs + MOST_DRAIN_MS
    const { witness } = world
    const isOver = () =>
      witness.violation !== undefined || agenda.nowMs > mostMs || (witness.takeNews() && hasEnded(world))
    await agenda.run(isOver)
    const violation = world.witness.violation ?? judgeEnd(world)
    if (violation !== undefined) world.tell(() => `seed ${seed}: ${violation}`)
    return { seed, violation, jobs: planned.length, virtualMs: agenda.nowMs }
  } finally {
    restore()
  }
}
