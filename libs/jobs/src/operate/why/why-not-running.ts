import type { Bus } from '@app/bus'
import type { JobStatus } from '@app/contracts'
import type { Db } from '@app/db'
import { factsOf } from './facts.ts'
import type { Reason } from './reasons.ts'
import { reasonsOf } from './reasons-of.ts'

export interface WhyNotRunning {
  jobId: string
  status: JobStatus
  /** What is decisive first; never empty. */
  reasons: Reason[]
}

/**
 * Why a job does not run, as everything that decides it says at this moment. Answers without Redis as well, and then
 * says so. Error: `job-not-found`.
 */
export async function whyNotRunning(db: Db, bus: Bus | undefined, jobId: string): Promise<WhyNotRunning> {
  const facts = await factsOf(db, bus, jobId)
  return { jobId, status: facts.status, reasons: reasonsOf(facts) }
}
