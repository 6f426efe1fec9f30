import { expect, it } from 'vitest'
import { planAdmission, type Standing } from './plan-admission.ts'

const windows = (tickets: number) => ({
  windows: { byQueue: new Map([['tag', tickets]]), others: 1 },
  most: 500,
  tieBreak: 0,
})
const share = (ownerId: string, queue = 'tag') => ({ queue, lane: 'normal' as const, ownerId })
const standing = (ownerId: string, tickets: number, running = 0): Standing => ({
  ...share(ownerId),
  tickets,
  running,
})
const takes = (plan: ReturnType<typeof planAdmission>) =>
  Object.fromEntries(plan.map(({ ownerId, take }) => [ownerId, take]))

it('gives an only owner the whole window', () => {
  expect(takes(planAdmission([share('a')], [], windows(8)))).toEqual({ a: 8 })
})

it('divides the window evenly, and gives what is left over to those who come first', () => {
  const plan = planAdmission([share('a'), share('b'), share('c')], [], windows(8))

  expect(takes(plan)).toEqual({ a: 3, b: 3, c: 2 })
})

it('counts what stands and what runs: whoever has least comes first', () => {
  const plan = planAdmission([share('a'), share('b')], [standing('a', 2, 8)], windows(12))

  expect(takes(plan)).toEqual({ b: 10 })
  expect(takes(planAdmission([share('a'), share('b')], [standing('a', 2, 1)], windows(11)))).toEqual({
    a: 3,
    b: 6,
  })
})

it('admits nothing to a window that is full, or fuller than it should be', () => {
  expect(planAdmission([share('a')], [standing('b', 8)], windows(8))).toEqual([])
  expect(planAdmission([share('a')], [standing('b', 9)], windows(8))).toEqual([])
})

it('has windows for each queue and lane, and one for queues without a worker', () => {
  const high = { ...share('a'), lane: 'high' as const }
  const plan = planAdmission([high, share('a'), share('a', 'embed')], [standing('a', 8)], windows(8))

  expect(plan).toEqual([
    { ...high, take: 8, held: 0 },
    { ...share('a', 'embed'), take: 1, held: 0 },
  ])
})

it('sends no more than is asked for', () => {
  const plan = planAdmission([share('a'), share('b', 'embed')], [], {
    windows: { byQueue: new Map(), others: 1_000 },
    most: 1_500,
    tieBreak: 0,
  })

  expect(plan.map(({ take }) => take)).toEqual([1_000, 500])
})

it('gives every owner a turn where far more wait than there are places', () => {
  const owners = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const places = 2
  const tickets: string[] = []
  const running: string[] = []
  const served: string[] = []
  const count = (ids: readonly string[], ownerId: string) => ids.filter((id) => id === ownerId).length

  for (let round = 0; round < 700; round += 1) {
    const held = owners.map((id) => standing(id, count(tickets, id), count(running, id)))
    // Anything evenly spread: the golden ratio's multiples.
    const bounds = { ...windows(places), tieBreak: (round * 0.618) % 1 }
    const plan = planAdmission(
      owners.map((id) => share(id)),
      held,
      bounds,
    )
    tickets.push(...plan.flatMap(({ ownerId, take }) => Array<string>(take).fill(ownerId)))
    if (running.length === places) served.push(...running.splice(0, 1))
    running.push(...tickets.splice(0, 1))
  }

  for (const id of owners) expect(count(served, id)).toBeGreaterThan(50)
})
