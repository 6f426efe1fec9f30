import {
  type Db,
  liftStop,
  type ProviderStop,
  providerStops,
  stopName,
  stopProvider,
  takeProbe,
} from '@app/db'
import type { Logger } from '@app/runtime'
import { ProviderStoppedError } from './errors.ts'
import type { ProviderFailure } from './failure.ts'
import type { ProviderMetrics } from './provider-metrics.ts'
import { fingerprintOf, type ProviderSetup } from './providers-config.ts'

/** That nothing is stopped may be known for this long; that something is, is asked anew each time. */
const KNOWN_FOR_MS = 2_000
/** Who lifts a stop calls the jobs that wait for it; this is for those that were just about to. */
const MOST_WAIT_MS = 900_000
/** In a row, whatever was asked. */
export const OUTAGES_THAT_STOP = 5

/** When the next call may try: after an outage soon, after a refusal that somebody must mend less often. */
export const probeInMs = (isOutage: boolean, probes: number): number =>
  isOutage ? Math.min(30_000 * 2 ** probes, 600_000) : Math.min(60_000 * 2 ** probes, 900_000)

/** A call may be made. `probes` are the stops that it tries to lift. */
export interface Pass {
  probes: readonly ProviderStop[]
}

export interface StopsOptions {
  db: Db
  log: Logger
  metrics: ProviderMetrics
}

export type Stops = ReturnType<typeof createStops>

/** A call that failed, and the right by which it was made. */
interface Failed {
  setup: ProviderSetup
  model: string
  pass: Pass
}

/**
 * Which providers are not to be asked now. Kept in Postgres, and so the same for all processes: attempts are too dear
 * to find out in each of them that a provider is down or a key is wrong, and operators see it in one place.
 */
export function createStops({ db, log, metrics }: StopsOptions) {
  const recent = recentStops(db)
  /** Outages in a row, by provider and fingerprint, as seen from here. */
  const outages = new Map<string, number>()

  return {
    /** What is stopped and may be tried again. Error `provider-stopped`. */
    async check(setup: ProviderSetup, model: string): Promise<readonly ProviderStop[]> {
      const stops = await recent.concerning(setup, model)
      const closed = stops.find(({ probeInMs }) => probeInMs > 0)
      if (closed) throw stopped(closed)
      return stops
    },

    /** The right to try whether what is stopped works again; one call at a time has it. Error `provider-stopped`. */
    async pass(stops: readonly ProviderStop[]): Promise<Pass> {
      for (const stop of stops) {
        const nextInMs = probeInMs(stop.isOutage, stop.probes)
        if (!(await takeProbe(db, stop, nextInMs))) throw stopped({ ...stop, probeInMs: nextInMs })
      }
      return { probes: stops }
    },

    /** The provider did what it was asked, or at least read it. */
    async worked(setup: ProviderSetup, { probes }: Pass): Promise<void> {
      outages.delete(keyOf(setup))
      for (const stop of probes) {
        const { provider, model } = stop
        if (await liftStop(db, stop)) log.info({ provider, model }, 'provider works again')
      }
    },

    /** Stops what the failure says, or what has failed too often. */
    async failed(failed: Failed, failure: ProviderFailure): Promise<void> {
      const key = keyOf(failed.setup)
      if (failure.kind === 'stop') {
        outages.delete(key)
        return await stop({ ...failed, model: failure.stops === 'model' ? failed.model : '' }, failure)
      }
      if (!failure.isOutage) return
      const inARow = (outages.get(key) ?? 0) + 1
      outages.set(key, inARow)
      const isStillOut = failed.pass.probes.some(({ isOutage }) => isOutage)
      if (inARow >= OUTAGES_THAT_STOP || isStillOut) {
        await stop({ ...failed, model: '' }, failure)
      }
    },
  }

  async function stop({ setup, model, pass }: Failed, failure: ProviderFailure): Promise<void> {
    const { code, sentence, isOutage = false, retryAfterMs } = failure
    const { provider } = setup
    const probed = pass.probes.find((probe) => probe.model === model)
    const isNew = await stopProvider(
      db,
      { provider, fingerprint: fingerprintOf(setup), model },
      {
        ...{ code, sentence, isOutage, isFailedProbe: probed !== undefined },
        probeInMs: retryAfterMs ?? probeInMs(isOutage, probed ? probed.probes + 1 : 0),
      },
    )
    recent.forget()
    if (!isNew) return
    metrics.stops.inc({ provider, code })
    log.error({ provider, model, code }, `provider is stopped: ${sentence}`)
  }
}

/** The stops that concern a call. That there are none at all is taken as known for a moment. */
function recentStops(db: Db) {
  let noneUntilMs = 0
  return {
    forget(): void {
      noneUntilMs = 0
    },

    async concerning(setup: ProviderSetup, model: string): Promise<ProviderStop[]> {
      if (performance.now() < noneUntilMs) return []
      const all = await providerStops(db)
      if (all.length === 0) noneUntilMs = performance.now() + KNOWN_FOR_MS
      const fingerprint = fingerprintOf(setup)
      return all.filter(
        (stop) =>
          stop.provider === setup.provider &&
          stop.fingerprint === fingerprint &&
          (stop.model === '' || stop.model === model),
      )
    },
  }
}

const keyOf = (setup: ProviderSetup): string => `${setup.provider} ${fingerprintOf(setup)}`

/** Spread over a third of the wait, so that not all that wait come back in one moment. */
function stopped(stop: ProviderStop): ProviderStoppedError {
  const waitMs = Math.min(Math.max(stop.probeInMs, 1_000), MOST_WAIT_MS)
  return new ProviderStoppedError(stop.sentence, {
    waitingFor: stopName(stop),
    retryAfterMs: Math.round(waitMs * (1 + Math.random() / 3)),
  })
}
