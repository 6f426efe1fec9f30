import { expect, it } from 'vitest'
import { createLeaseTable } from './lease-table.ts'

const one = { lease: 1, stream: 's', entryId: '1-1' }
const two = { lease: 2, stream: 's', entryId: '2-1' }
const other = { lease: 3, stream: 't', entryId: '1-1' }
const held = [one, two, other].map(
  ({ lease, stream, entryId }) => [lease, stream, entryId] as [number, string, string],
)
const nothing = { held: [], begun: [], released: [], slots: [] }

const leasesDue = (table: ReturnType<typeof createLeaseTable>, nowMs: number) =>
  table.due(nowMs).flatMap(([, leases]) => leases.map(({ lease }) => lease))

it('renews all that is held while the main thread answers, by stream', () => {
  const table = createLeaseTable({ silentMs: 100 })
  table.apply({ ...nothing, held }, 0)

  expect(table.due(99)).toMatchObject([
    ['s', [one, two]],
    ['t', [other]],
  ])
})

it('row 7: renews runs until their deadline while the main thread is silent, and nothing else', () => {
  const table = createLeaseTable({ silentMs: 100 })
  table.apply({ ...nothing, held, begun: [[1, 500]] }, 0)

  expect(leasesDue(table, 499)).toEqual([1])
  expect(leasesDue(table, 500)).toEqual([])
})

it('renews a run beyond its deadline while the main thread answers: it has a result to commit', () => {
  const table = createLeaseTable({ silentMs: 100 })
  table.apply({ ...nothing, held, begun: [[1, 500]], released: [2, 3] }, 0)
  table.apply(nothing, 600)

  expect(leasesDue(table, 699)).toEqual([1])
})

it('forgets what is released or lost', () => {
  const table = createLeaseTable({ silentMs: 100 })
  table.apply({ ...nothing, held }, 0)
  table.apply({ ...nothing, released: [1, 99] }, 10)
  table.lose(3)

  expect(leasesDue(table, 20)).toEqual([2])
})

it("renews a run's slots as long as its lease, and forgets them with it", () => {
  const table = createLeaseTable({ silentMs: 100 })
  const slots: [number, string, string][] = [
    [1, 'gpu', 'a:0'],
    [2, 'gpu', 'b:0'],
    [2, 'cpu', 'b:0'],
    [99, 'gpu', 'nobody:0'],
  ]
  table.apply({ ...nothing, held, begun: [[2, 500]], slots }, 0)

  expect(table.slotsDue(99)).toEqual([
    ['gpu', ['a:0', 'b:0']],
    ['cpu', ['b:0']],
  ])
  expect(table.slotsDue(100)).toEqual([
    ['gpu', ['b:0']],
    ['cpu', ['b:0']],
  ])
  table.lose(2)
  expect(table.slotsDue(110)).toEqual([])
})
