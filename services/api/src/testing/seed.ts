import { UploadCreated } from '@app/contracts'
import { expect } from 'vitest'
import type { TestApi } from './test-api.ts'
import { toneWav } from './wav.ts'

const ADMIN = '/api/v1/admin'

export function fileForm(
  bytes: Buffer<ArrayBuffer>,
  name = 'a.wav',
  fields: Record<string, string> = {},
): FormData {
  const body = new FormData()
  for (const [field, value] of Object.entries(fields)) body.append(field, value)
  body.append('file', new Blob([bytes]), name)
  return body
}

export async function announce(api: TestApi, change: object = {}): Promise<UploadCreated> {
  const upload = { upload_type: 'chapters', total_files: 1, total_size_bytes: 10_000_000, ...change }
  const { status, body } = await api.ask('POST', `${ADMIN}/uploads`, upload)
  expect(status).toBe(201)
  return UploadCreated.parse(body)
}

/** An upload with all its files; by default one tone. */
export async function finishedUpload(
  api: TestApi,
  files: readonly { bytes: Buffer<ArrayBuffer>; name: string }[] = [{ bytes: toneWav(), name: 'One.wav' }],
): Promise<string> {
  const { upload_id } = await announce(api, { total_files: files.length })
  for (const { bytes, name } of files) {
    const { status } = await api.send(`${ADMIN}/uploads/${upload_id}/files`, fileForm(bytes, name))
    expect(status).toBe(201)
  }
  return upload_id
}

/** A book of so many one-second chapters, made as a client would; its jobs have not run. */
export async function newBook(
  api: TestApi,
  { chapters = 1, ...change }: { chapters?: number; title?: string; is_public?: boolean } = {},
) {
  const files = Array.from({ length: chapters }, (_, index) => ({
    bytes: toneWav({ hertz: 200 + index }),
    name: `Chapter ${index + 1}.wav`,
  }))
  const upload_id = await finishedUpload(api, files)
  const body = { upload_id, title: 'Emma', author: 'Jane Austen', language: 'en', ...change }
  const answer = await api.ask('POST', `${ADMIN}/audiobooks`, body)
  expect(answer.status).toBe(201)
  return { id: answer.body.audiobook_id as string, uploadId: upload_id }
}
