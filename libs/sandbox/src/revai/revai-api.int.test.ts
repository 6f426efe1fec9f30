import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { CaptionType, RevAiApiClient } from 'revai-node-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { toneWav } from '../testing/sounds.ts'

const SAID = 'Call me Ishmael. Some years ago, never mind how long.'

let sandbox: Sandbox
let revai: RevAiApiClient

beforeAll(async () => {
  sandbox = await startSandbox({ knows: SAID, revai: { finish: 'by-hand', webhookRetryMs: 1 } })
  revai = client(sandbox)
})
afterAll(() => sandbox.close())

describe('the Rev.ai SDK, unchanged, against the sandbox', () => {
  it('uploads a recording, and reads its transcript once it is transcribed', async () => {
    const job = await revai.submitJobAudioData(toneWav(4), 'chapter.wav', {
      metadata: 'job-1',
      language: 'en',
    })

    const before = await revai.getJobDetails(job.id)
    await sandbox.revai.finish(job.id)
    const after = await revai.getJobDetails(job.id)
    const { monologues } = await revai.getTranscriptObject(job.id)

    expect(before).toMatchObject({
      status: 'in_progress',
      metadata: 'job-1',
      name: 'chapter.wav',
      type: 'async',
    })
    expect(after).toMatchObject({ status: 'transcribed', duration_seconds: 4 })
    const elements = monologues.flatMap((each) => each.elements)
    expect(elements.map(({ value }) => value).join('')).toBe(SAID)
    expect(
      elements
        .filter(({ type }) => type === 'text')
        .every(({ ts = -1, end_ts: end = 9 }) => end >= ts && ts >= 0 && end <= 4),
    ).toBe(true)
    expect(elements.find(({ value }) => value === '.')).toEqual({ type: 'punct', value: '.' })
  })

  it('submits an address with its headers, which it never shows again', async () => {
    await using media = await answering(() => ({ status: 200, body: toneWav(2) }))
    const { id } = await revai.submitJob({
      source_config: { url: media.url, auth_headers: { Authorization: 'Bearer of-the-file' } },
      metadata: 'by-address',
    })

    await sandbox.revai.finish(id)

    expect(media.received[0]?.headers.authorization).toBe('Bearer of-the-file')
    expect(await revai.getJobDetails(id)).toMatchObject({ status: 'transcribed', duration_seconds: 2 })
    expect(JSON.stringify(await revai.getJobDetails(id))).not.toContain('of-the-file')
  })

  it('fails a job whose media can’t be had, and one that holds no sound', async () => {
    await using media = await answering(() => ({ status: 404, body: 'gone' }))
    const gone = await revai.submitJob({ source_config: { url: media.url } })
    const silent = await revai.submitJobAudioData(Buffer.from('no sound'), 'a.mp3')

    await sandbox.revai.finish()

    expect(await revai.getJobDetails(gone.id)).toMatchObject({
      status: 'failed',
      failure: 'download_failure',
    })
    expect(await revai.getJobDetails(silent.id)).toMatchObject({ status: 'failed', failure: 'invalid_media' })
  })

  it('reads text and subtitles', async () => {
    const { id } = await revai.submitJobAudioData(toneWav(4), 'a.wav')
    await sandbox.revai.finish(id)

    expect(await revai.getTranscriptText(id)).toContain(SAID)
    expect(await textOf(await revai.getCaptions(id))).toMatch(/^1\n00:00:00,100 --> /)
    expect(await textOf(await revai.getCaptions(id, CaptionType.VTT))).toMatch(/^WEBVTT/)
  })

  it('lists jobs, the newest first, page by page', async () => {
    const first = await revai.submitJobAudioData(toneWav(1), 'a.wav', { metadata: 'first' })
    const second = await revai.submitJobAudioData(toneWav(1), 'b.wav', { metadata: 'second' })

    const [newest] = await revai.getListOfJobs(1)
    const [next] = await revai.getListOfJobs(1, second.id)

    expect([newest?.metadata, next?.metadata]).toEqual(['second', 'first'])
    await Promise.all([first, second].map(({ id }) => sandbox.revai.finish(id)))
  })

  it('deletes a job once it has ended, and not before', async () => {
    const { id } = await revai.submitJobAudioData(toneWav(1), 'a.wav')

    await expect(revai.deleteJob(id)).rejects.toMatchObject({
      statusCode: 409,
      details: expect.stringContaining('in_progress'),
    })
    await sandbox.revai.finish(id)
    await revai.deleteJob(id)

    await expect(revai.getJobDetails(id)).rejects.toMatchObject({ statusCode: 404 })
  })

  it('is told in Rev.ai’s words what is wrong with a submit', async () => {
    await expect(revai.submitJob({})).rejects.toMatchObject({
      statusCode: 400,
      details: { title: "Your request parameters didn't validate" },
    })
    await expect(
      revai.submitJobAudioData(toneWav(1), 'a.wav', { metadata: 'x'.repeat(513) }),
    ).rejects.toMatchObject({ statusCode: 400 })
  })

  it('has no transcript of what is not transcribed', async () => {
    const { id } = await revai.submitJobAudioData(toneWav(1), 'a.wav')

    await expect(revai.getTranscriptObject(id)).rejects.toMatchObject({
      statusCode: 409,
      allowedValues: ['transcribed'],
    })
    await sandbox.revai.fail(id, 'transcription')
    await expect(revai.getTranscriptObject(id)).rejects.toMatchObject({ currentValue: 'failed' })
  })

  it('sees what is left of its balance', async () => {
    sandbox.revai.setBalance(12)

    expect(await revai.getAccount()).toMatchObject({ balance_seconds: 12 })
  })

  it('is refused with a wrong token', async () => {
    const asked = client({ ...sandbox, keys: { ...sandbox.keys, revai: 'wrong' } }).getAccount()

    await expect(asked).rejects.toMatchObject({
      statusCode: 401,
      details: { title: 'Authorization has been denied for this request' },
    })
  })

  it('loses the answer of a submit, and has the job all the same', async () => {
    sandbox.nextAnswer({ route: 'revai.submit', cut: 'before' })

    await expect(revai.submitJobAudioData(toneWav(1), 'a.wav', { metadata: 'lost' })).rejects.toThrow(
      /hang up/,
    )

    const [newest] = await revai.getListOfJobs(1)
    expect(newest).toMatchObject({ metadata: 'lost', status: 'in_progress' })
    await sandbox.revai.finish(newest?.id)
  })
})

describe('the webhook', () => {
  it('carries the job and the headers it was asked to, until it is answered 200, and then once more', async () => {
    await using twice = await startSandbox({ knows: SAID, revai: { webhookRetryMs: 1, webhookRepeats: 1 } })
    let answers = [503, 204]
    await using hook = await answering(() => ({ status: answers.shift() ?? 200 }))
    const { id } = await client(twice).submitJobAudioData(toneWav(1), 'a.wav', {
      notification_config: { url: hook.url, auth_headers: { Authorization: 'Bearer of-the-hook' } },
    })

    await twice.revai.finish(id)

    expect(hook.received).toHaveLength(4)
    expect(hook.received.every(({ headers }) => headers.authorization === 'Bearer of-the-hook')).toBe(true)
    expect(JSON.parse(hook.received[0]?.body ?? '')).toMatchObject({ job: { id, status: 'transcribed' } })
    expect(twice.revai.notifications.map(({ status }) => status)).toEqual([503, 204, 200, 200])
    answers = []
  })

  it('tells of a failed job', async () => {
    await using hook = await answering(() => ({ status: 200 }))
    const { id } = await revai.submitJobAudioData(toneWav(1), 'a.wav', {
      notification_config: { url: hook.url },
    })

    await sandbox.revai.fail(id, 'insufficient_balance')

    expect(JSON.parse(hook.received[0]?.body ?? '')).toMatchObject({
      job: { status: 'failed', failure: 'insufficient_balance' },
    })
  })
})

function client({ keys, revaiBaseUrl }: Sandbox): RevAiApiClient {
  const deploymentConfig = { baseUrl: revaiBaseUrl, baseWebsocketUrl: 'ws://127.0.0.1:1' }
  return new RevAiApiClient({ token: keys.revai, version: 'v1', deploymentConfig })
}

/** A server that remembers what it was sent. */
async function answering(answer: () => { status: number; body?: Buffer | string }) {
  const received: { headers: Record<string, unknown>; body: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      const { status, body } = answer()
      response.writeHead(status).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/here`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function textOf(stream: unknown): Promise<string> {
  let text = ''
  for await (const chunk of stream as Readable) text += chunk
  return text
}
