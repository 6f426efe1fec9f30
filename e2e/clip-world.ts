import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Sites, startSites } from '@app/sandbox'
import { realPostgres, testDatabase } from '@app/testkit'
import { type ClipClient, clipClient } from '../scripts/demo/client/clip-client.ts'
import { type StackUnderTest, stackUnderTest } from './running-stack.ts'
import { type WebhookReceiver, webhookReceiver } from './webhook-receiver.ts'

/** A stack, sites that play the platforms for it, and a product that uses both: it makes jobs and is told of them. */
export interface ClipWorld extends AsyncDisposable {
  stack: StackUnderTest
  sites: Sites
  receiver: WebhookReceiver
  clips: ClipClient
  /** Where the workers keep what they are at. */
  scratch: string
}

export async function clipWorld(): Promise<ClipWorld> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'e2e-scratch-'))
  // Two thousand jobs are cheaper there than on PGlite, which other tests have the whole stack run on.
  const database = realPostgres() ? await testDatabase() : undefined
  const [sites, receiver] = await Promise.all([startSites(), webhookReceiver()])
  const stack = await stackUnderTest({
    ...(database ? { DATABASE_URL: database.url } : {}),
    YTDLP_PATH: sites.ytdlpProgram,
    ALLOW_GENERIC_URLS: 'true',
    URL_ALLOWED_HOSTS: [new URL(sites.url).host, receiver.host].join(','),
    // Nobody is asked here but ourselves.
    DOWNLOADS_PER_MINUTE: '60000',
    SCRATCH_DIR: scratch,
    NODE_OPTIONS: `--import ${pathToFileURL(path.join(import.meta.dirname, 'pretended-names.mjs'))}`,
  })
  const { api_url: url, user_token: token } = stack.running.stack
  return {
    ...{ stack, sites, receiver, scratch, clips: clipClient({ url, token }) },
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
      await sites.close()
      await database?.[Symbol.asyncDispose]()
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}
