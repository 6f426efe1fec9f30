import { expect, it } from 'vitest'
import { deliveriesOf } from './deliveries.ts'

it('row 2: has nothing to run of an entry that was deleted while it was pending', () => {
  expect(
    deliveriesOf([
      [
        'queue',
        [
          ['1-1', null],
          ['1-2', ['ticket', 'text']],
        ],
      ],
    ]),
  ).toEqual([{ stream: 'queue', entryId: '1-2', ticket: 'text' }])
})
