import { expect, it } from 'vitest'
import { failsTooOften } from './fails-too-often.ts'

it.each([
  { completed: 0, failed: 0, most: 0, stops: false, why: 'nothing has ended' },
  { completed: 100, failed: 1, most: 0, stops: true, why: 'none may fail' },
  { completed: 0, failed: 2, most: 0.2, stops: false, why: 'too few have ended to tell' },
  { completed: 0, failed: 3, most: 0.2, stops: true, why: 'even if the next seven complete, it is too many' },
  { completed: 80, failed: 20, most: 0.2, stops: false, why: 'just as many as may' },
  { completed: 79, failed: 21, most: 0.2, stops: true, why: 'one more than may' },
  { completed: 0, failed: 500, most: 1, stops: false, why: 'all may fail' },
])('says $stops of $completed completed and $failed failed at $most: $why', ({ most, stops, ...tally }) => {
  expect(failsTooOften(tally, most)).toBe(stops)
})
