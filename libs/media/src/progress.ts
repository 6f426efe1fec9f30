/** Where an ffmpeg run stands, from its `-progress` lines. */
export interface Progress {
  /** Bytes written to the output. */
  outputBytes: number
  /** End of what was written on the output's timeline, in milliseconds. */
  outputEndMs: number
}

/** Reads `key=value` lines of `-progress`; both stay 0 until something has been written ("N/A" before). */
export function readProgress(onProgress?: (progress: Progress) => void) {
  const progress: Progress = { outputBytes: 0, outputEndMs: 0 }
  return {
    progress,
    take(line: string) {
      const [key, value] = line.split('=')
      const number = Number(value)
      if (key === 'total_size' && Number.isFinite(number)) progress.outputBytes = number
      if (key === 'out_time_us' && Number.isFinite(number)) progress.outputEndMs = Math.max(0, number / 1000)
      if (key === 'progress') onProgress?.({ ...progress })
    },
  }
}
