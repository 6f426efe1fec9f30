import { storableText } from '@app/contracts'
import { z } from '@hono/zod-openapi'
import { Refusal } from '../http/refusal.ts'
import { problemsOf } from '../http/validated.ts'
import type { ReceivedFile } from './receive-file.ts'

const Fields = z.object({
  position: z
    .string()
    .trim()
    .regex(/^\d{1,6}$/, 'a whole number from 0')
    .transform(Number)
    .optional(),
  title: z.string().trim().min(1).max(500).optional(),
})

/** The form's text fields; an empty one was left out. */
export function parseFileFields(fields: ReceivedFile['fields']): {
  position: number | null
  title: string | null
} {
  const sent = Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== ''))
  const parsed = Fields.safeParse(sent)
  if (!parsed.success) {
    throw new Refusal('invalid-body', 'the form is not as it should be', {
      details: problemsOf(parsed.error),
    })
  }
  const { position = null, title } = parsed.data
  return { position, title: storableText(title ?? '') || null }
}
