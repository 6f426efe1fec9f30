/** Counts the bytes of files that are on their way to this process, so that a progress bar moves before a file is stored. */
export interface Arriving {
  bytesOf(uploadId: string): number
  /** Starts counting one file; `done` takes its bytes out again. */
  begin(uploadId: string): { add: (bytes: number) => void; done: () => void }
}

export function createArriving(): Arriving {
  const counts = new Map<string, number>()
  const add = (uploadId: string, bytes: number) => {
    const sum = (counts.get(uploadId) ?? 0) + bytes
    if (sum > 0) counts.set(uploadId, sum)
    else counts.delete(uploadId)
  }
  return {
    bytesOf: (uploadId) => counts.get(uploadId) ?? 0,
    begin(uploadId) {
      let ownBytes = 0
      return {
        add(bytes) {
          ownBytes += bytes
          add(uploadId, bytes)
        },
        done() {
          add(uploadId, -ownBytes)
          ownBytes = 0
        },
      }
    },
  }
}
