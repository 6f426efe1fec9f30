import type { FaultKind } from '../plan/plan-faults.ts'

/** A fault that was done, in milliseconds of the campaign's clock. */
export interface DoneFault {
  /** `process-exited`: a process that ended by itself, as a poisonous job makes it. */
  kind: FaultKind | 'process-exited'
  what: string
  fromMs: number
  /** Infinity for as long as it lasts. */
  toMs: number
  /** The process that a kill hit. */
  pid?: number
}

export type FaultLog = ReturnType<typeof createFaultLog>

/** Notes each fault with its times; `tell` hears of each as it begins. */
export function createFaultLog(clock: () => number, tell: (line: string) => void) {
  const faults: DoneFault[] = []

  return {
    faults,

    /** From now until the returned function is called. */
    begin(kind: DoneFault['kind'], what: string, pid?: number): () => void {
      const fault: DoneFault = {
        ...{ kind, what, fromMs: clock(), toMs: Number.POSITIVE_INFINITY },
        ...(pid === undefined ? {} : { pid }),
      }
      faults.push(fault)
      tell(`${kind} ${what}`)
      return () => {
        fault.toMs = clock()
      }
    },

    /** How often each kind happened. */
    counts(): Record<string, number> {
      const kinds = Object.entries(Object.groupBy(faults, ({ kind }) => kind))
      return Object.fromEntries(kinds.map(([kind, some]) => [kind, some?.length ?? 0]).sort())
    },
  }
}
