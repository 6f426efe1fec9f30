import { z } from 'zod'

/** Query strings are text; pages are counted from 1. */
export const PageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
})

export const Page = z.object({ page: z.int(), page_size: z.int(), total: z.int() })
