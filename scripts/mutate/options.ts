import { parseArgs } from 'node:util'
import { FatalError } from '@app/runtime'
import type { Mutation } from './mutation.ts'
import { SETS } from './sets.ts'

export interface MutateOptions {
  set: string
  /** Those that were asked for. */
  mutations: readonly Mutation[]
  json: boolean
}

export const USAGE = `npm run mutate -- ${Object.keys(SETS).join('|')} [options]

Switches one cure after the other off, in a copy of the sources, and runs the tests that must notice, on a Redis and
a PostgreSQL of its own. Exits with 0 only where every one of them failed.

  --row N    only the cures of row N of docs/redis-streams.md; once for each
  --id NAME  only this mutation; once for each
  --list     says what there is, and runs nothing
  --json     ends with the report as one line of JSON on standard output`

/** Undefined when help was asked for. Error: `option-invalid`. */
export function parseOptions(args: readonly string[]): (MutateOptions & { list: boolean }) | undefined {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [set = '', ...more] = positionals
  const all = Object.hasOwn(SETS, set) && more.length === 0 ? SETS[set] : undefined
  if (!all) throw new FatalError('option-invalid', `which mutations?\n\n${USAGE}`)
  const mutations = all.filter(
    ({ id, rows }) =>
      (values.row.length === 0 || values.row.some((row) => rows.includes(Number(row)))) &&
      (values.id.length === 0 || values.id.includes(id)),
  )
  if (mutations.length === 0) throw new FatalError('option-invalid', 'there is no such mutation')
  return { set, mutations, json: values.json, list: values.list }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        row: { type: 'string', multiple: true, default: [] },
        id: { type: 'string', multiple: true, default: [] },
        list: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (cause) {
    throw new FatalError('option-invalid', `${(cause as Error).message}\n\n${USAGE}`, { cause })
  }
}
