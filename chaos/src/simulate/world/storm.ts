import { cancelled } from '../model/operator-statements.ts'
import { nameOf, STREAMS } from './jobs.ts'
import { type EventKind, pickOf, type StormEvent } from './plan-storm.ts'
import type { SimulatedProcess } from './process.ts'
import { between, type World } from './world.ts'

const AWAY_MS = [100, 6_000] as const
/** From just before its beats are missed to just after. */
const SEEM_DEAD_MS = [11_000, 19_000] as const
const BLOCK_MS = [1_000, 20_000] as const
const CLOCK_JUMP_MS = [5_000, 7_200_000] as const

/** Puts all that is to happen on the agenda. */
export function brew(world: World): void {
  const { agenda, storm } = world
  for (const event of storm.events) agenda.at(event.atMs, undefined, () => DO[event.kind](world, event))
  agenda.at(storm.untilMs, undefined, () => world.calmDown())
}

const DO: Record<EventKind, (world: World, event: StormEvent) => void> = {
  kill: (world, event) => victim(world, event)?.kill(),
  stop: (world, event) => victim(world, event)?.stop(),
  freeze: (world, event) => victim(world, event)?.freeze(world.freezeMs()),
  'seem-dead': (world, event) => victim(world, event)?.freeze(between(SEEM_DEAD_MS, world.random())),
  'block-event-loop': (world, event) =>
    victim(world, event)?.freeze(between(BLOCK_MS, world.random()), { thread: false }),
  'cut-redis': (world, event) => victim(world, event)?.cut('redis'),
  'cut-postgres': (world, event) => victim(world, event)?.cut('postgres'),

  'redis-away'(world, { pick }) {
    world.tell(() => 'Redis is away')
    world.isDown.redis = true
    world.redis.restart()
    for (const process of world.processes) process.cut('redis')
    world.agenda.in(between(AWAY_MS, pick), undefined, () => {
      world.isDown.redis = false
      world.tell(() => 'Redis is back')
      for (const process of world.processes) process.reconnect()
    })
  },

  'flush-redis'(world) {
    world.tell(() => 'Redis is emptied')
    world.redis.lose(STREAMS)
  },
  'delete-stream'(world, { pick }) {
    const stream = pickOf(STREAMS, pick)
    world.tell(() => `${stream} is deleted`)
    world.redis.lose([stream])
  },
  'delete-group'(world, { pick }) {
    const stream = pickOf(STREAMS, pick)
    world.tell(() => `the group of ${stream} is destroyed`)
    world.redis.loseGroup(stream)
  },
  'redis-clock-jumps'(world, { pick }) {
    world.redisAheadMs += between(CLOCK_JUMP_MS, pick ** 4)
    world.tell(() => `Redis' clock is ahead by ${Math.round(world.redisAheadMs)} ms`)
  },

  'postgres-clock-jumps'(world, { pick }) {
    world.postgresAheadMs += between(CLOCK_JUMP_MS, pick ** 4)
    world.tell(() => `Postgres' clock is ahead by ${Math.round(world.postgresAheadMs)} ms`)
  },

  'postgres-crashes'(world, { pick }) {
    world.tell(() => 'Postgres crashes')
    world.postgres.crash()
    world.isDown.postgres = true
    for (const process of world.processes) process.cut('postgres')
    world.agenda.in(between(AWAY_MS, pick), undefined, () => {
      world.isDown.postgres = false
      world.tell(() => 'Postgres is back')
    })
  },

  cancel(world, { pick }) {
    if (world.isDown.postgres) return
    const { postgres } = world
    const id = pickOf([...postgres.rows.keys()], pick)
    const trx = postgres.begin()
    postgres.execute(
      trx,
      () => cancelled(trx, id),
      (isCancelled) => {
        postgres.commit(trx)
        if (isCancelled) world.tell(() => `${nameOf(id)} is cancelled`)
        if (isCancelled) world.announce([id])
      },
    )
  },
}

function victim({ processes }: World, { pick }: StormEvent): SimulatedProcess | undefined {
  const living = [...processes].filter((process) => !process.isFrozen)
  return living.length === 0 ? undefined : pickOf(living, pick)
}
