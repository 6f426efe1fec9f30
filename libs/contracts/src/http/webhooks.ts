import { z } from 'zod'

/** What Rev.ai says when a job of ours has ended. Only which job it is is taken from it; the result is asked for. */
export const RevAiNotification = z.object({
  job: z.object({
    id: z.string().max(200),
    metadata: z.string().max(512).nullish(),
    status: z.string().max(100).optional(),
  }),
})
export type RevAiNotification = z.infer<typeof RevAiNotification>
