import { z } from '@hono/zod-openapi'
import type { RefusalCode } from '../plan/status-of-code.ts'
import { Refusal } from './refusal.ts'

type Thing = RefusalCode extends infer Code ? (Code extends `${infer Name}-not-found` ? Name : never) : never

const id = z.guid()

/** An id from a path, fit for a uuid column. What is no id at all names nothing we have. */
export function knownId(text: string, thing: Thing): string {
  if (!id.safeParse(text).success) throw notFound(thing)
  return text.toLowerCase()
}

export function notFound(thing: Thing): Refusal {
  return new Refusal(`${thing}-not-found`, `there is no such ${thing}`)
}
