import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { geminiApi } from './gemini/gemini-api.ts'
import { GEMINI_MODELS, type GeminiModel } from './gemini/models.ts'
import { createEars } from './hearing/ears.ts'
import { hearByPocketSphinx } from './hearing/hear-by-pocketsphinx.ts'
import type { Hear } from './hearing/heard.ts'
import { hearKnown, type KnownSpeech } from './hearing/known-speech.ts'
import { OPENAI_MODELS, type OpenaiModel } from './openai/models.ts'
import { openaiApi } from './openai/openai-api.ts'
import { type RevaiControl, revaiApi } from './revai/revai-api.ts'
import type { RevaiWork } from './revai/work.ts'
import { type Planned, type PlannedAnswer, plannedAnswers } from './server/faults.ts'
import { type RecordedRequest, requestLog } from './server/records.ts'
import { serve } from './server/serve.ts'
import type { Answer, Ask, Provider } from './server/wire.ts'

export interface SandboxOptions {
  /** What is said in the sounds that will come: then nothing is recognised, and no CPU used. */
  knows?: KnownSpeech
  /** Another ear. Default, where nothing is known: PocketSphinx. */
  hear?: Hear
  /** Default: new ones for each sandbox, so that a leak can be searched for. */
  keys?: Partial<Record<Provider, string>>
  /** Default 0, any free one. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** What an answer takes beside its work. Default 0. */
  answerAfterMs?: (ask: Ask) => number
  /** Sees each request with what is about to be answered. */
  onAnswer?: (request: RecordedRequest, answer: Answer) => void
  openai?: { models?: readonly OpenaiModel[]; requestsPerMinute?: number }
  revai?: Partial<Pick<RevaiWork, 'finish' | 'webhookRepeats' | 'webhookRetryMs'>> & {
    balanceSeconds?: number
  }
  gemini?: { models?: readonly GeminiModel[]; processingPolls?: number }
}

/** A local OpenAI, Rev.ai and Gemini, for the SDKs to be pointed at. */
export interface Sandbox extends AsyncDisposable {
  url: string
  openaiBaseUrl: string
  geminiBaseUrl: string
  revaiBaseUrl: string
  keys: Record<Provider, string>
  /** In the order of their coming, keys and bytes left out. */
  requests: readonly RecordedRequest[]
  /** Plans what the next request of a route gets. */
  nextAnswer: (plan: PlannedAnswer) => Planned
  revai: RevaiControl
  close: () => Promise<void>
}

const BALANCE_SECONDS = 360_000
const REQUESTS_PER_MINUTE = 5_000
const WEBHOOK_RETRY_MS = 1_000

/** Starts one; it lives until it is closed, or the scope of its `await using` ends. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sandbox-'))
  const closing = new AbortController()
  const keys = {
    openai: newKey('sk-sandbox'),
    gemini: newKey('AIza'),
    revai: newKey('02rev'),
    ...options.keys,
  }
  const planned = plannedAnswers()
  const log = requestLog()
  const shared = { directory, ears: createEars(earOf(options), closing.signal), signal: closing.signal }
  const revai = revaiApi({ ...shared, ...revaiDefaults(options), key: keys.revai })
  const openai = openaiApi({ ...shared, ...openaiDefaults(options), key: keys.openai })
  const gemini = geminiApi({ ...shared, ...geminiDefaults(options), key: keys.gemini })

  const server = createServer({ requestTimeout: 0 })
  const url = await listening(server, options)
  server.on(
    'request',
    serve({
      ...{ providers: [openai, revai.api, gemini], url: () => url, directory, closing: closing.signal },
      onAnswer: options.onAnswer ?? (() => {}),
      ...{
        record: log.add,
        counts: log.counts,
        takePlanned: planned.take,
        slowMs: options.answerAfterMs ?? (() => 0),
      },
    }),
  )
  const close = async () => {
    closing.abort(new Error('the sandbox was closed'))
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true, force: true })
  }
  return {
    ...{
      url,
      openaiBaseUrl: `${url}/openai/v1`,
      geminiBaseUrl: `${url}/gemini`,
      revaiBaseUrl: `${url}/revai`,
      keys,
    },
    ...{ requests: log.requests, nextAnswer: planned.plan, revai: revai.control },
    ...{ close, [Symbol.asyncDispose]: close },
  }
}

function earOf({ hear, knows }: SandboxOptions): Hear {
  return hear ?? (knows === undefined ? hearByPocketSphinx() : hearKnown(knows))
}

function openaiDefaults({ openai }: SandboxOptions) {
  return { models: OPENAI_MODELS, requestsPerMinute: REQUESTS_PER_MINUTE, ...openai }
}

function geminiDefaults({ gemini }: SandboxOptions) {
  return { models: GEMINI_MODELS, processingPolls: 1, ...gemini }
}

function revaiDefaults({ revai }: SandboxOptions) {
  const defaults = {
    finish: 'at-once' as const,
    webhookRepeats: 0,
    webhookRetryMs: WEBHOOK_RETRY_MS,
    balanceSeconds: BALANCE_SECONDS,
  }
  return { ...defaults, ...revai }
}

function newKey(prefix: string): string {
  return `${prefix}-${randomUUID()}`
}

async function listening(server: Server, { port = 0, host = '127.0.0.1' }: SandboxOptions): Promise<string> {
  server.listen({ port, host })
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}
