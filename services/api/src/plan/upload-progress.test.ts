import { expect, it } from 'vitest'
import { planUploadProgress } from './upload-progress.ts'

const upload = {
  uploadId: 'u',
  status: 'receiving' as const,
  totalFiles: 2,
  totalSizeBytes: 1000,
  receivedFiles: 1,
  receivedBytes: 250,
}

it('counts bytes that are on their way, but not the file', () => {
  const progress = planUploadProgress(upload, 250)

  expect(progress).toMatchObject({ received_bytes: 500, percent: 50, received_files: 1 })
})

it('never shows more than was announced', () => {
  expect(planUploadProgress(upload, 5000)).toMatchObject({ received_bytes: 1000, percent: 100 })
})

it('calls an upload that has all its files complete, though its bytes are fewer than announced', () => {
  const progress = planUploadProgress({ ...upload, status: 'completed', receivedFiles: 2 }, 0)

  expect(progress).toMatchObject({ received_bytes: 250, percent: 100 })
})
