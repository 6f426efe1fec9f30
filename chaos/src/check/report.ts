import type { JobVerdict } from './judge-jobs.ts'
import { percentile } from './restart-times.ts'

export interface Findings {
  verdict: JobVerdict
  brokenRules: readonly string[]
  zombies: number
  redriven: number
  uncertain: number
  faults: Record<string, number>
  restartTimesMs: readonly number[]
  /** From the last fault until everything had ended. */
  drainSeconds: number
}

export type Report = ReturnType<typeof reportOf>

/** What the campaign says at its end. */
export function reportOf({ verdict, brokenRules, zombies, faults, restartTimesMs, ...rest }: Findings) {
  const { jobs, completed, failedAsIntended, lost, committedTwice, maxUnfinishedSeconds } = verdict
  return {
    jobs,
    completed,
    failedAsIntended,
    lost,
    committedTwice,
    zombieWritesRejected: zombies,
    faults,
    restartMs: {
      p50: rounded(percentile(restartTimesMs, 0.5)),
      p99: rounded(percentile(restartTimesMs, 0.99)),
    },
    maxUnfinishedSeconds: Math.round(maxUnfinishedSeconds * 10) / 10,
    /** What the percentiles are of. */
    restarts: restartTimesMs.length,
    /** Jobs that the campaign's kills made dead letters, given back as an operator would. */
    redriven: rest.redriven,
    /** Jobs of inserts whose answer was lost. */
    uncertain: rest.uncertain,
    drainSeconds: Math.round(rest.drainSeconds * 10) / 10,
    complaints: [...verdict.complaints, ...brokenRules],
  }
}

export const isClean = ({ lost, committedTwice, complaints }: Report): boolean =>
  lost === 0 && committedTwice === 0 && complaints.length === 0

/** The report for people. */
export function describeReport(report: Report): string[] {
  const { faults, restartMs } = report
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0)
  return [
    `${report.jobs} jobs: ${report.completed} completed, ${report.failedAsIntended} failed as intended, ` +
      `${report.lost} lost, ${report.committedTwice} committed twice`,
    `${total} faults: ${Object.entries(faults)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
    `${report.zombieWritesRejected} writes of workers that had lost their job were rejected`,
    `${report.redriven} jobs were redriven that died only of our kills`,
    restartMs.p50 === null
      ? 'no kill with nothing else around it to time a restart by'
      : `a killed worker's job ran again after ${restartMs.p50} ms (p50), ${restartMs.p99} ms (p99), ` +
        `of ${report.restarts}`,
    `no job took longer than ${report.maxUnfinishedSeconds} s from its commit to its end; ` +
      `all had ended ${report.drainSeconds} s after the last fault`,
    ...report.complaints.map((complaint) => `WRONG: ${complaint}`),
  ]
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))
