import { z } from 'zod'

export const MAX_UPLOAD_FILES = 2_000
/** 1 TiB: more is a mistake in the request, not a book. */
export const MAX_UPLOAD_BYTES = 1_099_511_627_776

export const CreateUpload = z
  .object({
    upload_type: z.enum(['single', 'chapters']),
    total_files: z.int().min(1).max(MAX_UPLOAD_FILES),
    total_size_bytes: z.int().min(1).max(MAX_UPLOAD_BYTES),
  })
  .refine((body) => body.upload_type !== 'single' || body.total_files === 1, {
    path: ['total_files'],
    message: 'an upload of type "single" has exactly one file',
  })
export type CreateUpload = z.infer<typeof CreateUpload>

export const UploadStatus = z.enum(['pending', 'receiving', 'completed'])
export type UploadStatus = z.infer<typeof UploadStatus>

export const UploadCreated = z.object({
  upload_id: z.uuid(),
  status: z.literal('pending'),
  message: z.string(),
})
export type UploadCreated = z.infer<typeof UploadCreated>

export const FileReceived = z.object({
  file_id: z.uuid(),
  upload_id: z.uuid(),
  file_name: z.string(),
  file_size_bytes: z.int(),
  uploaded_at: z.iso.datetime(),
  /** What is odd about a file that was taken all the same, such as sound shorter than its header says. */
  warnings: z.array(z.string()).optional(),
})
export type FileReceived = z.infer<typeof FileReceived>

export const UploadProgress = z.object({
  upload_id: z.uuid(),
  status: UploadStatus,
  received_files: z.int(),
  total_files: z.int(),
  received_bytes: z.int(),
  total_size_bytes: z.int(),
  percent: z.number().min(0).max(100),
})
export type UploadProgress = z.infer<typeof UploadProgress>

export const UploadDetail = UploadProgress.extend({
  upload_type: z.enum(['single', 'chapters']),
  created_at: z.iso.datetime(),
  files: z.array(
    z.object({
      file_id: z.uuid(),
      file_name: z.string(),
      file_size_bytes: z.int(),
      position: z.int().nullable(),
      title: z.string().nullable(),
      duration_ms: z.int(),
      sha256: z.string(),
      warnings: z.array(z.string()),
      uploaded_at: z.iso.datetime(),
    }),
  ),
})
export type UploadDetail = z.infer<typeof UploadDetail>
