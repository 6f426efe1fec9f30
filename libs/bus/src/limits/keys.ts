import type { Limit } from './limit.ts'

/** All keys of one limit lie in one slot of a cluster: the limit's own key is the hash tag. */
export function limitKeys(prefix: string, { kind, key }: Pick<Limit, 'kind' | 'key'>): string[] {
  const state = `${prefix}:${kind}:{${key}}`
  const line = [state, `${state}:line`, `${state}:due`, `${state}:flows`]
  return kind === 'rate' ? line : [...line, holdersKey(prefix, key)]
}

export const holdersKey = (prefix: string, key: string): string => `${prefix}:concurrency:{${key}}:holders`
