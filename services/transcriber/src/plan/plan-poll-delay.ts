/** A short recording is done in seconds; nobody needs an answer about a long one in less time than this. */
const SHORTEST_MS = 5_000
/** Most take less than five minutes, other languages than English up to six hours. */
const LONGEST_MS = 5 * 60_000
/** Where we are told, asking only makes up for messages that were lost; those come again after 30 minutes. */
const LONGEST_WHEN_TOLD_MS = 15 * 60_000

interface RemoteWait {
  /** Since the sound was submitted. */
  sinceMs: number
  /** Whether the provider can tell us when it is done. */
  isTold: boolean
}

/** After how long a remote job is asked about again: a third of what it has taken so far. */
export function planPollDelay({ sinceMs, isTold }: RemoteWait): number {
  const longest = isTold ? LONGEST_WHEN_TOLD_MS : LONGEST_MS
  return Math.round(Math.min(longest, Math.max(SHORTEST_MS, sinceMs / 3)))
}
