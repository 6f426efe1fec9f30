import type { Mutation } from './mutation.ts'
import { RUNTIME } from './sets/runtime.ts'

/** By the name that `npm run mutate` takes. A further set is one more line here. */
export const SETS: Readonly<Record<string, readonly Mutation[]>> = { runtime: RUNTIME }
