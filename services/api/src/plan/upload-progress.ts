import type { UploadProgress, UploadStatus } from '@app/contracts'

export interface UploadCounts {
  uploadId: string
  status: UploadStatus
  totalFiles: number
  totalSizeBytes: number
  receivedFiles: number
  receivedBytes: number
}

/**
 * What has arrived of what was announced. `arrivingBytes` are those of files that are still on their way: they make
 * the bar move, but a file counts only once it is stored.
 */
export function planUploadProgress(upload: UploadCounts, arrivingBytes: number): UploadProgress {
  const isDone = upload.status === 'completed'
  const bytes = isDone
    ? upload.receivedBytes
    : Math.min(upload.receivedBytes + arrivingBytes, upload.totalSizeBytes)
  // Fewer bytes than announced are no fault: an upload is done when all its files are.
  const percent = isDone ? 100 : Math.round((bytes / Math.max(upload.totalSizeBytes, 1)) * 1000) / 10
  return {
    upload_id: upload.uploadId,
    status: upload.status,
    received_files: upload.receivedFiles,
    total_files: upload.totalFiles,
    received_bytes: bytes,
    total_size_bytes: upload.totalSizeBytes,
    percent,
  }
}
