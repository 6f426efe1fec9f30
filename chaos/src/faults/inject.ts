import { streamKey } from '@app/bus'
import { LANES } from '@app/contracts'
import type { FaultyProxy } from '@app/infra'
import { abortableDelay } from '@app/runtime'
import type { Member } from '../fleet/member.ts'
import { UpgradedJob, WorkJob } from '../jobs/definitions.ts'
import type { FaultKind, PlannedFault } from '../plan/plan-faults.ts'
import type { ChaosJob } from '../plan/plan-jobs.ts'
import type { Stage } from './stage.ts'
import { victim } from './victim.ts'

type Inject = (stage: Stage, fault: PlannedFault) => Promise<void>

const INSERT_PAUSE_MS = 500
const SLOWEST_MS = 400

/** Does a fault and resolves when it is over. */
export const inject: Inject = (stage, fault) => INJECT[fault.kind](stage, fault)

const INJECT: Record<FaultKind, Inject> = {
  'kill-worker': signalling('SIGKILL', (member) => member.isWorker),
  'stop-worker': signalling('SIGTERM', (member) => member.isWorker),
  'kill-dispatcher': signalling('SIGKILL', (member) => !member.isWorker),
  'stop-dispatcher': signalling('SIGTERM', (member) => !member.isWorker),

  async 'freeze-worker'(stage, fault) {
    const member = await victim(stage, fault, (it) => it.isWorker)
    const end = stage.log.begin(fault.kind, `${member?.name} for ${fault.durationMs} ms`)
    await member?.freeze(fault.durationMs, stage.signal)
    end()
  },

  async 'swap-version'(stage, fault) {
    const member = await victim(stage, fault, (it) => it.isWorker)
    const version = member?.knows === 'new' ? 'old' : 'new'
    stage.log.begin(fault.kind, `${member?.name} to ${version}`)()
    member?.deploy(version)
  },

  async 'kill-redis'({ servers, log }, { kind, form, durationMs }) {
    // As after a failover to a replica that had nothing, or a server that keeps nothing.
    const losesAll = form < 0.3
    const end = log.begin(kind, `for ${durationMs} ms${losesAll ? ', with all it knew' : ''}`)
    await servers.redis.restart('SIGKILL', { downMs: durationMs, losesAll })
    end()
  },

  async 'restart-postgres'({ servers, log }, { kind, form, durationMs }) {
    const [how, signal] = form < 0.5 ? (['crashing', 'SIGQUIT'] as const) : (['fast', 'SIGINT'] as const)
    const end = log.begin(kind, `${how}, for ${durationMs} ms`)
    await servers.postgres.restart(signal, { downMs: durationMs })
    end()
  },

  async 'flush-redis'({ redis, log }, { kind }) {
    const end = log.begin(kind, '')
    await redis.flushall().catch(() => {})
    end()
  },

  async 'delete-stream'(stage, fault) {
    const stream = someStream(stage, fault)
    const end = stage.log.begin(fault.kind, stream)
    await stage.redis.del(stream).catch(() => {})
    end()
  },

  async 'delete-group'(stage, fault) {
    const stream = someStream(stage, fault)
    const end = stage.log.begin(fault.kind, stream)
    await stage.redis.xgroup('DESTROY', stream, 'workers').catch(() => {})
    end()
  },

  async cut(stage, fault) {
    const { way, name } = someWay(stage, fault)
    stage.log.begin(fault.kind, `${name}, ${way.connections} connections`)()
    way.cut()
  },

  async 'cut-after-request'(stage, fault) {
    const { way, name, requests } = someWay(stage, fault)
    const text = requests[Math.floor(((fault.form * 7) % 1) * requests.length)] ?? ''
    const end = stage.log.begin(fault.kind, `${name}, at the next “${text}”`)
    await Promise.race([way.loseAnswerTo(text), aborted(stage.signal)])
    end()
  },

  async delay(stage, fault) {
    const { way, name } = someWay(stage, fault)
    const delayMs = Math.round(((fault.form * 7) % 1) * SLOWEST_MS)
    await lasting(stage, fault, { way, name: `${name} by ${delayMs} ms`, change: { delayMs } })
  },

  async drop(stage, fault) {
    const { way, name } = someWay(stage, fault)
    const form = (fault.form * 7) % 1
    const change = { dropsRequests: form < 0.7, dropsAnswers: form > 0.3 }
    await lasting(stage, fault, { way, name: `${name} ${JSON.stringify(change)}`, change })
    // What lost bytes in between never goes on; sometimes it is told, sometimes it has to find out.
    if (fault.pick < 0.5) way.cut()
  },

  async 'block-event-loop'(stage, { kind, durationMs }) {
    const end = stage.log.begin(kind, `for ${durationMs} ms`)
    await plant(stage, stage.harmful('block-event-loop', durationMs))
    await abortableDelay(durationMs, stage.signal).catch(() => {})
    end()
  },

  async 'exit-process'(stage, { kind }) {
    const end = stage.log.begin(kind, '')
    await plant(stage, stage.harmful('exit-process', 0))
    end()
  },
}

function signalling(name: NodeJS.Signals, isMeant: (member: Member) => boolean): Inject {
  return async (stage, fault) => {
    const member = await victim(stage, fault, isMeant)
    stage.log.begin(fault.kind, member?.name ?? 'nobody', member?.pid)()
    member?.signal(name)
  }
}

/** Postgres, or the way there, may be broken just now. */
async function plant({ driver, signal }: Stage, job: ChaosJob): Promise<void> {
  while (!signal.aborted && !(await driver.insert([job]))) {
    await abortableDelay(INSERT_PAUSE_MS, signal).catch(() => {})
  }
}

function someStream({ prefix }: Stage, { pick }: PlannedFault): string {
  const streams = [WorkJob, UpgradedJob].flatMap(({ queue }) =>
    LANES.map((lane) => streamKey(prefix, queue, lane)),
  )
  return streams[Math.floor(pick * streams.length)] ?? ''
}

interface Way {
  way: FaultyProxy
  name: string
  /** What is asked over it again and again: parts of requests whose answers can be lost. */
  requests: readonly string[]
}

/** Somebody's connections to one of the servers. */
function someWay({ fleet, driver }: Stage, { pick, form }: PlannedFault): Way {
  const members = fleet.members.flatMap(({ name, ways, isWorker }) => [
    {
      way: ways.redis,
      name: `${name} to Redis`,
      requests: isWorker ? ['xreadgroup', 'eval', 'xadd'] : ['xadd'],
    },
    {
      way: ways.postgres,
      name: `${name} to Postgres`,
      requests: isWorker ? ['commit', 'update', 'insert into effects', 'commit'] : ['update'],
    },
  ])
  const all = [...members, { way: driver.way, name: 'driver to Postgres', requests: ['commit', 'insert'] }]
  return all[Math.floor(((pick * 3 + form) % 1) * all.length)] as Way
}

/** A fault of a way, from now until it is over. */
async function lasting(
  { log, signal }: Stage,
  { kind, durationMs }: PlannedFault,
  { way, name, change }: { way: FaultyProxy; name: string; change: Parameters<FaultyProxy['set']>[0] },
): Promise<void> {
  const end = log.begin(kind, `${name} for ${durationMs} ms`)
  way.set(change)
  await abortableDelay(durationMs, signal).catch(() => {})
  way.heal()
  end()
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
