import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createSite } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFilteringProxy, UrlForbiddenError, urlRulesFrom } from '@app/net'
import { createLogger } from '@app/runtime'
import { hasYtdlp } from '@app/sandbox'
import { expect, it, onTestFinished } from 'vitest'
import { planMetadataArguments } from '../plan/plan-arguments.ts'
import { findYtdlp } from './find-ytdlp.ts'
import { runYtdlp, type YtdlpCall } from './run-ytdlp.ts'

it.skipIf(!(await hasYtdlp()))('is not led past its proxy by a redirect to another protocol', async () => {
  await using visited = await listening(createServer((socket) => socket.end('421 Go away\r\n')))
  const location = `ftp://127.0.0.1:${visited.port}/clip.mp4`
  await using site = await listening(createSite((_, response) => response.writeHead(302, { location }).end()))

  await expect(metadataOf(`http://127.0.0.1:${site.port}/clip.mp4`, site.port)).rejects.toMatchObject({
    name: UrlForbiddenError.name,
    reason: 'scheme',
  })
  expect(visited.visits()).toBe(0)
})

it.each([
  ['it was only kept from connecting', 'Unable to connect to proxy', 'url_forbidden'],
  ['the platform says that we ask too often', 'HTTP Error 429: Too Many Requests', 'rate_limited'],
  ['the platform wants proof of a person', 'Sign in to confirm you’re not a bot', 'bot_check'],
])('after a refused address fails for that where %s', async (_what, complaint, code) => {
  const call = await callOfOneThatComplains(complaint)
  const proxy = { ...call.proxy, refusals: () => [new UrlForbiddenError('host', '10.0.0.1')] }

  await expect(runYtdlp({ ...call, proxy })).rejects.toMatchObject({ code })
})

it('logs what it complains of without what is secret in addresses', async () => {
  const call = await callOfOneThatComplains('Unsupported URL: https://cdn.example/a.mp4?token=secret#secret')
  const lines: string[] = []
  const log = createLogger('test', 'warn', { write: (line) => void lines.push(line) })

  await expect(runYtdlp({ ...call, log })).rejects.toMatchObject({ code: 'url_unsupported' })

  expect(lines.join()).toContain('Unsupported URL: https://cdn.example/a.mp4?…')
  expect(lines.join()).not.toContain('secret')
})

async function callOfOneThatComplains(complaint: string): Promise<YtdlpCall> {
  const directory = await mkdtemp(join(tmpdir(), 'scriptorium-ytdlp-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'yt-dlp')
  await writeFile(path, `#!/bin/sh\necho 'ERROR: ${complaint}' >&2\nexit 1\n`)
  await chmod(path, 0o755)
  const proxy = { url: 'http://127.0.0.1', bytes: () => 0, close: () => {}, isOverLimit: () => false }
  const limits = { timeoutMs: 60_000, fileBytes: 1_000_000, signal: AbortSignal.timeout(60_000) }
  const log = createLogger('test', 'silent')
  return { path, args: [], directory, log, proxy: { ...proxy, refusals: () => [] }, ...limits }
}

async function metadataOf(url: string, allowedPort: number): Promise<unknown> {
  const log = createLogger('test', 'silent')
  const directory = await mkdtemp(join(tmpdir(), 'scriptorium-ytdlp-test-'))
  const rules = urlRulesFrom({ URL_ALLOWED_HOSTS: `127.0.0.1:${allowedPort}` })
  const proxy = await startFilteringProxy({ rules, log })
  const path = (await findYtdlp({ home: directory })) ?? 'yt-dlp'
  const settings = { version: '', maxBytes: 1_000_000 }
  const args = planMetadataArguments({ settings, extractors: ['generic'], ytdlpArgs: [] }, url)
  const limits = { timeoutMs: 60_000, fileBytes: 1_000_000, signal: AbortSignal.timeout(60_000) }
  try {
    return await runYtdlp({ path, args, directory, log, proxy: proxy.admit(), ...limits })
  } finally {
    await proxy.close()
    await rm(directory, { recursive: true })
  }
}

async function listening(server: Server) {
  let visits = 0
  server.on('connection', () => {
    visits += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    visits: () => visits,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
