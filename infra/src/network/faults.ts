/** What the network does to bytes from now on, each way by itself. */
export interface Faults {
  /** How long bytes are on their way, in each direction. */
  delayMs: number
  /** What clients send vanishes. */
  dropsRequests: boolean
  /** What the server sends vanishes. */
  dropsAnswers: boolean
  /** New connections are cut as soon as they are made. */
  refuses: boolean
  /** Drops only on connections on which a client has sent this text, such as `psync` for Redis' replication. */
  only: string | undefined
}

export const NO_FAULTS: Faults = {
  delayMs: 0,
  dropsRequests: false,
  dropsAnswers: false,
  refuses: false,
  only: undefined,
}
