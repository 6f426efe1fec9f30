import { type Mutation, testsIn } from '../../mutation.ts'
import { BUS, TESTS } from './files.ts'

const MADE_AT_ONCE =
  'row 19: delivers what was published before there was a group, though many make it at once'
const MADE_ANEW =
  'row 20: says NOGROUP when Redis was emptied, and reads from the first entry once the group is made anew'
const NO_HOT_LOOP =
  'row 20: never tries in a hot loop what can not work, and makes the group anew when it can'

/** Consumer groups: made by whoever comes first, gone when Redis was emptied, made anew. */
export const GROUPS: readonly Mutation[] = [
  {
    id: 'group-from-now-on',
    rows: [19, 20],
    off: 'a group is made at the first entry',
    edits: [{ file: `${BUS}/bus.ts`, find: `GROUP, '0', 'MKSTREAM'`, replace: `GROUP, '$', 'MKSTREAM'` }],
    tests: testsIn(TESTS.bus, MADE_AT_ONCE, MADE_ANEW),
  },
  {
    id: 'group-made-twice',
    rows: [19],
    off: 'a group that is there already is as good as made',
    edits: [
      {
        file: `${BUS}/bus.ts`,
        find: `if (!error.message.startsWith('BUSYGROUP')) throw error`,
        replace: 'throw error',
      },
    ],
    tests: testsIn(TESTS.bus, MADE_AT_ONCE),
  },
  {
    id: 'hot-loop',
    rows: [20],
    off: 'reads that fail back off',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'await this.#waker.sleep(Math.min(100 * 2 ** failures, MOST_BACKOFF_MS), this.#stopping.signal)',
        replace: 'await new Promise(setImmediate)',
      },
    ],
    tests: testsIn(TESTS.bus, NO_HOT_LOOP),
  },
  {
    id: 'group-stays-gone',
    rows: [20],
    off: 'a group that is gone is made anew',
    edits: [
      {
        file: `${BUS}/consumer.ts`,
        find: 'if (/NOGROUP|UNBLOCKED/.test(error.message)) this.#grouped = false',
        replace: '',
      },
    ],
    tests: testsIn(TESTS.bus, NO_HOT_LOOP),
  },
  {
    id: 'no-group-is-an-error',
    rows: [20],
    off: 'acknowledging and renewing where the group is gone are no errors',
    edits: [
      {
        file: `${BUS}/scripts.ts`,
        find: `if (String(error).includes('NOGROUP')) return undefined`,
        replace: '',
      },
    ],
    tests: testsIn(TESTS.bus, MADE_ANEW),
  },
]
