import { expect, it } from 'vitest'
import { spanOf } from './usage-span.ts'

it.each([
  [{}, { from: '2026-10-23', to: '2026-11-21' }],
  [{ from: '2026-11-01' }, { from: '2026-11-01', to: '2026-11-21' }],
  [{ to: '2026-03-01' }, { from: '2026-01-31', to: '2026-03-01' }],
  [
    { from: '2026-11-20', to: '2026-11-20' },
    { from: '2026-11-20', to: '2026-11-20' },
  ],
])('takes %j for %j', (asked, span) => {
  expect(spanOf(asked, new Date('2026-11-21T23:59:59Z'))).toEqual(span)
})
