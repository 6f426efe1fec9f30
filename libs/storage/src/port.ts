import type { Readable } from 'node:stream'

export interface StoredObject {
  sizeBytes: number
  contentType?: string
}

export interface CallOptions {
  signal?: AbortSignal | undefined
}

/**
 * Where bytes live. Keys are ids and ASCII (`media/<uuid>`), never names from users. What is stored under a key never
 * changes: a key is written once. Errors: FatalError `object-not-found` and `object-key-invalid`; everything else
 * (network, full disk, 5xx) is unmarked or RetryLaterError, and worth trying again.
 */
export interface ObjectStorage {
  readonly name: string
  /** Stores a file's bytes: all of them or none. The file itself may be moved away. */
  putFile(key: string, path: string, options: CallOptions & { contentType: string }): Promise<void>
  /** Bytes `start` to `end` inclusive, or all. */
  read(key: string, options?: CallOptions & { range?: { start: number; end: number } }): Promise<Readable>
  /** Undefined where there is no such object. */
  stat(key: string, options?: CallOptions): Promise<StoredObject | undefined>
  /** Removes what is there of these; what isn't is no error. */
  remove(keys: readonly string[], options?: CallOptions): Promise<void>
  /** An address that anybody can read the object at until it expires. */
  signedUrl(
    key: string,
    options: CallOptions & { expiresInSeconds: number; downloadName?: string },
  ): Promise<string>
  /** The object's own file, where storage is this machine's disk: read, never written. */
  localPath?(key: string): string
}
