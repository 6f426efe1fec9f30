/** What the next request meets instead of an answer. */
export type Trouble =
  | { kind: 'refuse'; status: number; body?: object | string; headers?: Record<string, string> }
  /** Says nothing, ever. */
  | { kind: 'silence' }
  /** Closes the connection at once. */
  | { kind: 'hang-up' }
  /** Takes or sends this many bytes, then closes the connection, or falls silent. */
  | { kind: 'break-off' | 'stall'; afterBytes: number }

export interface Stored {
  bytes: Buffer
  contentType: string
}

export interface TusUpload {
  key: string
  contentType: string
  length: number
  received: number
  chunks: Buffer[]
}

/** What the server has, and what it saw. */
export interface World {
  serviceKey: string
  bucket: string
  objects: Map<string, Stored>
  uploads: Map<string, TusUpload>
  /** Sizes of the pieces that resumable uploads came in. */
  pieces: number[]
  onPiece: (() => void) | undefined
  /** Counts bytes of resumable uploads and keeps none: a test of the client's memory shares it with us. */
  forgetBytes: boolean
}
