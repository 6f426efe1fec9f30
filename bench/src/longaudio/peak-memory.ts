import { readdirSync, readFileSync } from 'node:fs'

/** A tool lives for a second or so. */
const LOOK_MS = 200

/** The most memory that any one process has had, in megabytes: of these, and of the tools they run. */
export interface PeakMemory {
  ours: number
  tools: number
}

/** Looks after these processes until it is asked for what it saw; needs Linux' /proc. */
export function watchMemory(pids: readonly number[]): { stop: () => PeakMemory } {
  const peak: PeakMemory = { ours: 0, tools: 0 }
  const look = () => {
    for (const pid of pids) {
      peak.ours = Math.max(peak.ours, peakOf(pid))
      for (const child of childrenOf(pid)) peak.tools = Math.max(peak.tools, peakOf(child))
    }
  }
  const timer = setInterval(look, LOOK_MS)
  return {
    stop() {
      clearInterval(timer)
      look()
      return peak
    },
  }
}

/** VmHWM, the kernel's own peak; 0 for a process that is gone. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Each thread has its own: tools are started by whichever libuv likes. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}
