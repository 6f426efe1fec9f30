import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { abortableDelay } from '@app/runtime'
import { brokenRules, finalJobs, jobMoves, runStarts } from './check/collect.ts'
import { type JobVerdict, judgeJobs } from './check/judge-jobs.ts'
import { type Report, reportOf } from './check/report.ts'
import { restartTimes } from './check/restart-times.ts'
import { operate } from './driver/operator.ts'
import { inject } from './faults/inject.ts'
import type { ChaosOptions } from './options.ts'
import { planFaults } from './plan/plan-faults.ts'
import { planJobs } from './plan/plan-jobs.ts'
import { type SetUp, setUp } from './set-up.ts'

/** How long what is unfinished may take once nothing is broken any more; what is not done then is lost. */
const MOST_DRAIN_MS = 180_000
const LOOK_EVERY_MS = 1_000
const TELL_EVERY_MS = 10_000
/** A plan that was still waiting for its moment, such as an answer to lose, is not waited for. */
const LAST_FAULT_MS = 5_000

interface Campaign extends Pick<ChaosOptions, 'seconds' | 'seed' | 'workers' | 'logDir'> {
  /** Calls it off: everything is stopped and removed, and the campaign rejects with its reason. */
  signal: AbortSignal
  /** Hears how it goes. */
  tell: (line: string) => void
  /** Hears of each fault. */
  tellFault: (line: string) => void
}

/** Breaks everything for so many seconds, lets it come to rest, and says what became of every job. */
export async function runCampaign(campaign: Campaign): Promise<Report> {
  const { signal, tell } = campaign
  await using all = await setUp(campaign)
  const operating = new AbortController()
  const redriven = operate(all.db, all.driver.expected, operating.signal)
  try {
    await breakThings(all, campaign)
    signal.throwIfAborted()
    const drain = await comeToRest(all, campaign)
    signal.throwIfAborted()
    operating.abort()
    tell('Stopping the processes and comparing …')
    await all.fleet.stop()
    return await reportOn(all, { ...drain, redriven: await redriven, logDir: campaign.logDir })
  } finally {
    operating.abort()
    await redriven
  }
}

async function breakThings(all: SetUp, { seconds, workers, signal, tell }: Campaign): Promise<void> {
  const over = new AbortController()
  const ending = AbortSignal.any([signal, over.signal])
  const stage = { ...all, signal: ending }
  const faults = planFaults(seconds, all.random)
  const graphs = planJobs(seconds, { ...all, workers })
  const startedAt = performance.now()
  const at = (atMs: number) => abortableDelay(Math.max(atMs - (performance.now() - startedAt), 0), ending)
  const telling = setInterval(() => tell(progress(all)), TELL_EVERY_MS)
  const work = [
    ...graphs.map(({ atMs, jobs }) => at(atMs).then(() => all.driver.insert(jobs))),
    ...faults.map((fault) => at(fault.atMs).then(() => inject(stage, fault))),
  ]
  const done = Promise.all(work.map((it) => it.catch((error) => ending.aborted || Promise.reject(error))))
  done.catch(() => over.abort())
  await at(seconds * 1_000 + LAST_FAULT_MS).catch(() => {})
  over.abort()
  clearInterval(telling)
  await done
}

/** Nothing breaks any more: waits until every job has ended as it should, for a few minutes at most. */
async function comeToRest(
  { fleet, db, driver }: SetUp,
  { signal, tell }: Campaign,
): Promise<{ verdict: JobVerdict; drainSeconds: number }> {
  const startedAt = performance.now()
  tell('No more faults: waiting for everything to end …')
  for (const { ways } of fleet.members) {
    // Connections that lost bytes are dead and look alive: what is left of them is the last fault's doing.
    for (const way of [ways.redis, ways.postgres]) way.heal()
  }
  fleet.upgrade()
  for (;;) {
    const verdict = judgeJobs(driver.expected, await finalJobs(db))
    const waitedMs = performance.now() - startedAt
    if (verdict.lost === 0 || waitedMs > MOST_DRAIN_MS) return { verdict, drainSeconds: waitedMs / 1_000 }
    await abortableDelay(LOOK_EVERY_MS, signal)
  }
}

async function reportOn(
  { db, driver, fleet, log, postgresEpochMs }: SetUp,
  { drainSeconds, redriven, logDir }: { drainSeconds: number; redriven: number; logDir: string | undefined },
): Promise<Report> {
  const expected = [...driver.expected.values()]
  const moves = await jobMoves(db, postgresEpochMs)
  const starts = await runStarts(db, postgresEpochMs)
  if (logDir !== undefined) keepLines(logDir, { faults: log.faults, moves, starts })
  return reportOf({
    verdict: judgeJobs(driver.expected, await finalJobs(db)),
    brokenRules: await brokenRules(db),
    zombies: fleet.zombies,
    redriven,
    uncertain: expected.filter(({ acknowledged }) => !acknowledged).length,
    faults: log.counts(),
    restartTimesMs: restartTimes({
      faults: log.faults,
      moves,
      starts,
      lifetimes: fleet.lifetimes,
    }),
    drainSeconds,
  })
}

/** What it was judged by, one JSON a line, for whoever wants to know how something came about. */
function keepLines(logDir: string, evidence: Record<string, readonly unknown[]>): void {
  for (const [name, items] of Object.entries(evidence)) {
    const lines = items.map((item) => `${JSON.stringify(item)}\n`)
    writeFileSync(path.join(logDir, `${name}.ndjson`), lines.join(''))
  }
}

const progress = ({ driver, log }: SetUp): string =>
  `${driver.acknowledged} jobs inserted, ${log.faults.length} faults`
