import { streamKey } from '@app/bus'
import { TagJob, TranscribeJob } from '@app/contracts'
import { replaceTranscript } from '@app/db'
import { defineWorker, workerParts } from '@app/jobs'
import { createLogger } from '@app/runtime'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { httpServer } from './http-server.ts'
import { finishedUpload } from './testing/seed.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

const log = createLogger('test', 'silent')
const control = { signal: new AbortController().signal, fail: () => {} }

const words = { provider: 'test', model: 'test-1' }
const spoken = { ...words, language: 'en', durationMs: 1_000, segments: [] }
const sent: string[] = []

const transcribing = defineWorker(TranscribeJob, {
  async run(_job, _deps, context) {
    context.log.info('listening')
    // What a provider would be sent.
    sent.push(context.trace.traceparent)
    return spoken
  },
  async save(trx, { input }, transcript) {
    const transcriptId = await replaceTranscript(trx, input.chapterId, transcript)
    return { ...words, transcriptId, segmentCount: 0, wordCount: 0 }
  },
})

const tagging = defineWorker(TagJob, {
  run: async () => Promise.reject(new Error('no tags today')),
  save: async () => ({ ...words, aiOutputId: crypto.randomUUID() }),
})

/** Creates a book as a client does: over a socket. */
async function createBook(api: TestApi, headers: Record<string, string>): Promise<string> {
  const upload_id = await finishedUpload(api)
  const server = httpServer({ app: api.app, port: 0, host: '127.0.0.1', log, endStreams: api.endStreams })
  await server.start?.(control)
  try {
    const response = await fetch(`http://127.0.0.1:${server.port()}/api/v1/admin/audiobooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${api.token}`, ...headers },
      body: JSON.stringify({ upload_id, title: 'Emma', author: 'Jane Austen', language: 'en' }),
    })
    expect(response.status).toBe(201)
    return ((await response.json()) as { audiobook_id: string }).audiobook_id
  } finally {
    await server.stop?.()
  }
}

it("carries a client's trace from its request into the log lines of every job that comes of it", async () => {
  await using database = await testDatabase()
  const redis = testRedis()
  await using api = await startTestApi({ databaseUrl: database.url, redis })
  const lines: string[] = []
  const options = {
    ...{ service: 'worker', db: api.db, bus: api.bus, redisUrl: redis.url, concurrency: 1 },
    log: createLogger('worker', 'info', { write: (line) => lines.push(line) }),
  }

  await createBook(api, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` })
  const stream = streamKey(redis.prefix, 'transcribe', 'high')
  const [entry] = await vi.waitFor(
    async () => {
      const entries = await api.bus.redis.xrange(stream, '-', '+')
      expect(entries).toHaveLength(1)
      return entries
    },
    { timeout: 20_000 },
  )
  const parts = workerParts([transcribing, tagging], undefined, options)
  for (const part of parts) await part.start?.(control)
  const said = (msg: string) => lines.map((line) => JSON.parse(line)).find((line) => line.msg === msg)
  await vi.waitFor(() => expect(said('job will be tried again')).toBeDefined(), { timeout: 20_000 })
  for (const part of parts.toReversed()) await part.stop?.()

  expect(JSON.parse(entry?.[1][1] ?? '').traceparent).toMatch(new RegExp(`^00-${TRACE}-`))
  expect(said('listening')).toMatchObject({ type: 'transcribe', trace_id: TRACE })
  expect(said('job will be tried again')).toMatchObject({ type: 'tag', trace_id: TRACE })
  expect(sent).toEqual([`00-${TRACE}-${said('listening').span_id}-01`])
})

it('begins a trace for whoever brings none, or nonsense: one for each request', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const books = [await createBook(api, {}), await createBook(api, { traceparent: 'nonsense' })]

  const rows = await api.db.selectFrom('processing_jobs').select(['subject_id', 'traceparent']).execute()
  const traces = books.map(
    (id) => new Set(rows.filter((row) => row.subject_id === id).map((row) => row.traceparent)),
  )
  for (const trace of traces)
    expect([...trace]).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/)])
  expect(traces[0]).not.toEqual(traces[1])
  expect(rows.map(({ subject_id }) => subject_id)).toContain(books[0])
})
