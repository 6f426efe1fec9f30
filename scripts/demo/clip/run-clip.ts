import path from 'node:path'
import type { ClipEvent, ClipResult } from '@app/contracts'
import { startSites } from '@app/sandbox'
import { clipClient } from '../client/clip-client.ts'
import type { DemoOptions } from '../options.ts'
import type { Tell } from '../screen/tell.ts'
import { type StackInUse, useStack } from '../use-stack.ts'
import { workFolder } from '../work-folder.ts'
import { planClipReport } from './plan-clip-report.ts'

interface ClipContext {
  tell: Tell
  signal: AbortSignal
}

/** A post whose platform is played by a local server. */
const PLAYED = 'https://www.instagram.com/reel/ABC123xyz/'

/** What a URL becomes: the user's own, on the stack in use, or a post of a pretended platform, on a stack of its own. */
export async function runClip(options: DemoOptions, { tell, signal }: ClipContext): Promise<ClipResult> {
  const onStart = () => tell.doing('Starting Scriptorium')
  if (options.url !== undefined) {
    await using running = await useStack({ ...options, signal, onStart })
    return await throughApi(running, options.url, { tell, signal })
  }
  await using folder = await workFolder()
  await using sites = await startSites()
  tell.done(`A platform, pretended at ${sites.url}`)
  const env = { YTDLP_PATH: sites.ytdlpProgram, URL_ALLOWED_HOSTS: new URL(sites.url).host }
  const dataDir = path.join(folder.path, 'clip')
  await using running = await useStack({ dataDir, port: 0, env, signal, onStart })
  return await throughApi(running, PLAYED, { tell, signal })
}

async function throughApi(
  { stack }: StackInUse,
  url: string,
  { tell, signal }: ClipContext,
): Promise<ClipResult> {
  tell.done(`Scriptorium at ${stack.api_url}`)
  const clips = clipClient({ url: stack.api_url, token: stack.user_token }, { signal })
  const { job_id } = await clips.create({ url })
  tell.done(`Sent ${url}`)
  let last: ClipEvent | undefined
  for await (const event of clips.follow(job_id)) {
    last = event
    tell.doing(event.status.replaceAll('_', ' '))
  }
  const result = await clips.result(job_id)
  for (const line of planClipReport(result, last?.stages ?? [])) tell.say(line)
  return result
}
