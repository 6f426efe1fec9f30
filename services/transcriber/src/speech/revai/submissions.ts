import { RevaiSubmission, submittedStep } from '@app/providers'
import { z } from 'zod'
import { keptStep } from '../kept-step.ts'
import type { SpeechJob } from '../port.ts'

const Begun = z.object({ at: z.iso.datetime() })

const Failed = z.object({ failure: z.string() })

const BEGUN = 'revai:begun:'
const FAILED = 'revai:failed:'
/** More often than anybody redrives a job. */
const MOST_SUBMISSIONS = 50

/** A job's submissions, of which each but the last has failed at Rev.ai. They are the job's checkpoints. */
export function submissionsOf(job: Pick<SpeechJob, 'step'>) {
  const { step } = job
  return {
    /** The last one: its number, and what was submitted, where that is known, or why the one before it failed. */
    async current(): Promise<{ number: number; submission?: RevaiSubmission; failedBefore?: string }> {
      let failedBefore: string | undefined
      for (let number = 1; number <= MOST_SUBMISSIONS; number += 1) {
        const submission = await keptStep(job, submittedStep(number), RevaiSubmission)
        const failed = submission && (await keptStep(job, FAILED + number, Failed))
        const before = failedBefore === undefined ? {} : { failedBefore }
        if (!failed) return { number, ...(submission ? { submission } : {}), ...before }
        failedBefore = failed.failure
      }
      throw new Error(`the job was submitted ${MOST_SUBMISSIONS} times, and failed as often`)
    },

    /** Since when some run may have sent it, though nobody heard of it; undefined where none has begun to. */
    begunAt: async (number: number): Promise<Date | undefined> => {
      const begun = await keptStep(job, BEGUN + number, Begun)
      return begun && new Date(begun.at)
    },

    /** Is awaited at the last moment before it is sent: it is refused to a run that has lost its job. */
    begin: (number: number): Promise<unknown> =>
      step(BEGUN + number, () => ({ at: new Date().toISOString() })),

    submitted: (number: number, work: () => Promise<RevaiSubmission>): Promise<RevaiSubmission> =>
      step(submittedStep(number), work).then((value) => RevaiSubmission.parse(value)),

    /** From the next run on, there is another submission to be made. */
    failed: (number: number, failure: string): Promise<unknown> => step(FAILED + number, () => ({ failure })),
  }
}
