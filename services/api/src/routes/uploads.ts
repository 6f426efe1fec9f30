import { CreateUpload, FileReceived, UploadCreated, UploadDetail, UploadProgress } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute, z } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { bodyOf } from '../http/body-of.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { planUploadProgress } from '../plan/upload-progress.ts'
import { filesOf, insertUpload, type UploadRow, uploadOf } from '../queries/uploads.ts'
import type { AcceptFile } from '../uploads/accept-file.ts'

const create = createRoute({
  ...signedIn,
  tags: ['uploads'],
  method: 'post',
  path: '/api/v1/admin/uploads',
  summary: 'Announce a recording',
  request: { body: jsonBody(named('CreateUpload', CreateUpload)) },
  responses: {
    201: jsonAnswer(named('UploadCreated', UploadCreated), 'Files may be sent now'),
    ...authRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

const addFile = createRoute({
  ...signedIn,
  tags: ['uploads'],
  method: 'post',
  path: '/api/v1/admin/uploads/{id}/files',
  summary: 'Send one file',
  description:
    'A multipart form. The file is judged by what is in it, never by its name; `warnings` says what is odd about it. ' +
    'A refused or interrupted file leaves nothing behind.',
  request: {
    params: idParam,
    body: { required: true, content: { 'multipart/form-data': { schema: fileForm() } } },
  },
  responses: {
    201: jsonAnswer(named('FileReceived', FileReceived), 'The file is stored'),
    ...authRefusals,
    ...refusals(400, 404, 409, 413, 415, 422, 503, 507),
  },
})

const progress = createRoute({
  ...signedIn,
  tags: ['uploads'],
  method: 'get',
  path: '/api/v1/admin/uploads/{id}/progress',
  summary: 'How much has arrived',
  request: { params: idParam },
  responses: {
    200: jsonAnswer(named('UploadProgress', UploadProgress), 'Files and bytes received of expected'),
    ...authRefusals,
    ...refusals(404),
  },
})

const detail = createRoute({
  ...signedIn,
  tags: ['uploads'],
  method: 'get',
  path: '/api/v1/admin/uploads/{id}',
  summary: 'An upload and its files',
  request: { params: idParam },
  responses: {
    200: jsonAnswer(named('UploadDetail', UploadDetail), 'The upload'),
    ...authRefusals,
    ...refusals(404),
  },
})

const remove = createRoute({
  ...signedIn,
  tags: ['uploads'],
  method: 'delete',
  path: '/api/v1/admin/uploads/{id}',
  summary: 'Remove an upload and its stored bytes',
  description:
    'Bytes that an audiobook plays stay until that is removed. 409 while one is still being processed.',
  request: { params: idParam },
  responses: { 204: { description: 'Removed' }, ...authRefusals, ...refusals(404, 409) },
})

export interface UploadRoutesDeps {
  db: Db
  acceptFile: AcceptFile
  /** Bytes of files that are on their way to this process. */
  arrivingBytes: (uploadId: string) => number
  removeUpload: (uploadId: string) => Promise<void>
}

export function uploadRoutes(
  app: ApiApp,
  { db, acceptFile, arrivingBytes, removeUpload }: UploadRoutesDeps,
): void {
  app.openapi(create, async (c) => {
    const { userId } = userOf(c.get('principal'))
    const upload = c.req.valid('json')
    const uploadId = await insertUpload(db, userId, upload)
    const files = upload.total_files === 1 ? 'the file' : `${upload.total_files} files, one a request,`
    const message = `send ${files} to /api/v1/admin/uploads/${uploadId}/files`
    return c.json({ upload_id: uploadId, status: 'pending' as const, message }, 201)
  })

  app.openapi(progress, async (c) => {
    const upload = await known(c.req.valid('param').id)
    return c.json(planUploadProgress(upload, arrivingBytes(upload.uploadId)), 200)
  })

  app.openapi(detail, async (c) => {
    const upload = await known(c.req.valid('param').id)
    const files = await filesOf(db, upload.uploadId)
    const { uploadType: upload_type, createdAt } = upload
    const counts = planUploadProgress(upload, arrivingBytes(upload.uploadId))
    return c.json({ ...counts, upload_type, created_at: createdAt.toISOString(), files }, 200)
  })

  app.openapi(remove, async (c) => {
    await removeUpload(knownId(c.req.valid('param').id, 'upload'))
    return c.body(null, 204)
  })

  // Registered by hand: the framework would read the whole body into memory to check it.
  app.openAPIRegistry.registerPath(addFile)
  app.post(addFile.getRoutingPath(), async (c) => {
    const file = await acceptFile({
      uploadId: knownId(c.req.param('id'), 'upload'),
      contentType: c.req.header('content-type') ?? '',
      contentLength: Number(c.req.header('content-length') ?? Number.NaN),
      body: bodyOf(c),
      signal: c.req.raw.signal,
    })
    return c.json(file, 201)
  })

  async function known(id: string): Promise<UploadRow> {
    const upload = await uploadOf(db, knownId(id, 'upload'))
    if (!upload) throw notFound('upload')
    return upload
  }
}

function fileForm() {
  return z.object({
    file: z.any().meta({ type: 'string', format: 'binary' }),
    position: z.int().optional(),
    title: z.string().optional(),
  })
}
