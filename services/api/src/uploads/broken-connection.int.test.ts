import { request } from 'node:http'
import { createLogger } from '@app/runtime'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { type HttpServer, httpServer } from '../http-server.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { toneWav } from '../testing/wav.ts'

it('leaves no row and no byte when the connection breaks in the middle of a file', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await using server = await listening(api)
  const { body: upload } = await api.ask('POST', '/api/v1/admin/uploads', {
    upload_type: 'single',
    total_files: 1,
    total_size_bytes: 10_000_000,
  })
  const progress = async () =>
    (await api.ask('GET', `/api/v1/admin/uploads/${upload.upload_id}/progress`)).body
  const sending = request({
    port: server.port(),
    method: 'POST',
    path: `/api/v1/admin/uploads/${upload.upload_id}/files`,
    headers: {
      authorization: `Bearer ${api.token}`,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': '5000000',
    },
  })
  sending.on('error', () => {})
  sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n')
  sending.write(toneWav({ seconds: 60 }).subarray(0, 500_000))
  await vi.waitFor(async () => expect((await progress()).received_bytes).toBeGreaterThan(400_000), 10_000)
  const spooledMeanwhile = await api.spooledFiles()

  sending.destroy()

  await vi.waitFor(async () => expect(await api.spooledFiles()).toEqual([]), 10_000)
  expect(spooledMeanwhile).toHaveLength(1)
  expect(await progress()).toMatchObject({ status: 'pending', received_files: 0, received_bytes: 0 })
  expect(await api.storedFiles()).toEqual([])
})

it('answers a file that is too large before it has been sent to the end', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await using server = await listening(api)
  const { body: upload } = await api.ask('POST', '/api/v1/admin/uploads', {
    upload_type: 'single',
    total_files: 1,
    total_size_bytes: 1_000,
  })

  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const sending = request({
    port: server.port(),
    method: 'POST',
    path: `/api/v1/admin/uploads/${upload.upload_id}/files`,
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'multipart/form-data; boundary=x' },
  })
  sending.on('response', (response) => resolve(response.statusCode))
  sending.on('error', reject)
  sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n')
  // Never ended: the answer can't have waited for it.
  sending.write(Buffer.alloc(200_000))

  expect(await promise).toBe(413)
  sending.destroy()
  expect(await api.spooledFiles()).toEqual([])
})

async function listening(api: TestApi): Promise<HttpServer & AsyncDisposable> {
  const server = httpServer({
    app: api.app,
    port: 0,
    log: createLogger('test', 'silent'),
    endStreams: () => {},
  })
  await server.start?.({ signal: new AbortController().signal, fail: () => {} })
  return Object.assign(server, {
    async [Symbol.asyncDispose]() {
      await server.stop?.()
    },
  })
}
