import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { loadSdk, type Secret } from '@app/runtime'
import type { RevAiApiClient, RevAiJobOptions } from 'revai-node-sdk'
import { z } from 'zod'
import { makeSafe } from './make-safe.ts'
import { RevAiError } from './revai-error.ts'
import { RevAiAccount, RevAiJob, RevAiTranscript } from './revai-shapes.ts'

/** What a job is submitted with, beside its sound. */
export type SubmitOptions = Omit<RevAiJobOptions, 'media_url' | 'source_config' | 'callback_url'>

export interface RevAiClientOptions {
  token: Secret
  /** Without a path: `https://api.rev.ai`, or `https://ec1.api.rev.ai` for tokens of the EU deployment. */
  baseUrl: string
  /** Of calls that carry no sound. */
  timeoutMs?: number
}

export type RevAiClient = ReturnType<typeof revAiClient>

const TIMEOUT_MS = 30_000
/** Slower than 2 Mbit/s, an upload is given up. */
const SLOWEST_BYTES_PER_MS = 250
/** By multipart; larger recordings must be fetched by Rev.ai. */
export const MOST_UPLOAD_BYTES = 2e9

/** How long an upload may take. */
export const uploadMs = (bytes: number): number => TIMEOUT_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS)

/**
 * Rev.ai's routes through its own SDK, made safe: every failure is a RevAiError (or the signal's reason), every call
 * has an end and a limit to what it reads, and every answer is checked. A client of the SDK is made for each call,
 * because it knows no other way to give one call its own signal.
 */
export function revAiClient({ token, baseUrl, timeoutMs = TIMEOUT_MS }: RevAiClientOptions) {
  const { RevAiApiClient: Client } = loadSdk<typeof import('revai-node-sdk')>('revai-node-sdk')
  async function call<T extends z.ZodType>(
    schema: T,
    signal: AbortSignal,
    work: (sdk: RevAiApiClient) => Promise<unknown>,
    mostMs = timeoutMs,
  ): Promise<z.output<T>> {
    signal.throwIfAborted()
    const sdk = new Client({
      token: token.reveal(),
      version: 'v1',
      deploymentConfig: { baseUrl: baseUrl.replace(/\/+$/, ''), baseWebsocketUrl: '' },
    })
    makeSafe(sdk.apiHandler.instance, { signal, timeoutMs: mostMs, token: token.reveal() })
    const parsed = schema.safeParse(await work(sdk))
    if (parsed.success) return parsed.data
    throw new RevAiError('Rev.ai answered something that is not in its documentation', {
      code: 'answer-invalid',
      cause: parsed.error,
    })
  }

  return {
    /** Seconds of sound that are paid for. */
    balanceSeconds: async (signal: AbortSignal): Promise<number> =>
      (await call(RevAiAccount, signal, (sdk) => sdk.getAccount())).balance_seconds,

    /** Lets Rev.ai fetch the sound: the address must be good for two hours at least. */
    submitUrl: (url: string, options: SubmitOptions, signal: AbortSignal): Promise<RevAiJob> =>
      call(RevAiJob, signal, (sdk) => sdk.submitJob({ ...options, source_config: { url } })),

    async submitFile(path: string, options: SubmitOptions, signal: AbortSignal): Promise<RevAiJob> {
      const { size } = await stat(path)
      const file = createReadStream(path)
      // Told by the request as well; without a listener an error before it has begun would end the process.
      file.on('error', () => {})
      try {
        const submit = (sdk: RevAiApiClient) => sdk.submitJobAudioData(file, basename(path), options)
        return await call(
          RevAiJob,
          signal,
          submit,
          Math.min(timeoutMs, TIMEOUT_MS) + uploadMs(size) - TIMEOUT_MS,
        )
      } finally {
        file.destroy()
      }
    },

    job: (id: string, signal: AbortSignal): Promise<RevAiJob> =>
      call(RevAiJob, signal, (sdk) => sdk.getJobDetails(encodeURIComponent(id))),

    /** Newest first, of the last 30 days; after the job of this id, where one is named. */
    jobs: (most: number, startingAfter: string | undefined, signal: AbortSignal): Promise<RevAiJob[]> =>
      call(z.array(RevAiJob), signal, (sdk) => sdk.getListOfJobs(most, startingAfter)),

    transcript: (id: string, signal: AbortSignal): Promise<RevAiTranscript> =>
      call(RevAiTranscript, signal, (sdk) => sdk.getTranscriptObject(encodeURIComponent(id))),
  }
}
