import { expect, it } from 'vitest'
import { type LocatedHit, mergeHits, type VectorHit } from './merge-hits.ts'

const hit = (chapter: string, startMs: number, endMs = startMs + 1000): LocatedHit => ({
  audiobook: { id: 'b', title: 'Book' },
  chapter: { id: chapter, position: 1, title: chapter },
  quote: `${chapter} at ${startMs}`,
  start_ms: startMs,
  end_ms: endMs,
})
const byVector = (chapter: string, startMs: number): VectorHit => ({ ...hit(chapter, startMs), model: 'm' })
const brief = (hits: ReturnType<typeof mergeHits>) => hits.map(({ quote, match }) => [quote, match])

it('puts what both kinds found before what one of them found as well', () => {
  const merged = mergeHits([hit('one', 0), hit('two', 0)], [byVector('three', 0), byVector('two', 500)], 9)

  expect(brief(merged)).toEqual([
    ['two at 0', 'both'],
    ['one at 0', 'text'],
    ['three at 0', 'vector'],
  ])
})

it('shows a place once, however many passages it was found in', () => {
  const merged = mergeHits([hit('one', 0), hit('one', 200), hit('one', 9000)], [], 9)

  expect(brief(merged)).toEqual([
    ['one at 0', 'text'],
    ['one at 9000', 'text'],
  ])
})

it('names the model only where vectors matched', () => {
  const merged = mergeHits([hit('one', 0)], [byVector('two', 0)], 9)

  expect(merged.map((each) => each.model)).toEqual([undefined, 'm'])
})

it('gives no more than asked for', () => {
  expect(mergeHits([hit('one', 0), hit('two', 0), hit('three', 0)], [], 2)).toHaveLength(2)
})
