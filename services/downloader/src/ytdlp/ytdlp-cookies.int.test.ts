import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFilteringProxy, urlRulesFrom } from '@app/net'
import { createLogger } from '@app/runtime'
import { hasYtdlp } from '@app/sandbox'
import { expect, it } from 'vitest'
import { ytdlpFetcher } from './ytdlp-fetcher.ts'
import { lookForYtdlp } from './ytdlp-version.ts'

const OPTIONS = { extractors: ['generic'], ytdlpArgs: [], requestsPerMinute: 1, acceptsSoundOnly: true }

it.skipIf(!(await hasYtdlp()))(
  'gives an account’s cookies to no site that its own redirects to',
  async () => {
    const cookies: (string | undefined)[] = []
    await using stranger = await site((request, response) => {
      cookies.push(request.headers.cookie)
      response.writeHead(200, { 'content-type': 'video/mp4' }).end('some bytes')
    })
    let asked = 0
    await using own = await site((_, response) => {
      asked += 1
      // The first question is for what there is; what was chosen is fetched later, when its owner has thought better of it.
      if (asked === 1) response.writeHead(200, { 'content-type': 'video/mp4' }).end('some bytes')
      else response.writeHead(302, { location: `http://localhost:${stranger.port}/clip.mp4` }).end()
    })
    await using place = await fetchingPlace()

    const metadata = await place.fetcher.metadata(`http://127.0.0.1:${own.port}/clip.mp4`, OPTIONS)
    await place.fetcher.download(metadata, OPTIONS)

    expect(cookies.length).toBeGreaterThan(0)
    expect(cookies.filter((header) => header?.includes('secret'))).toEqual([])
  },
)

async function fetchingPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-ytdlp-test-'))
  const [cookiesFile, directory] = [join(folder, 'cookies.txt'), join(folder, 'run')]
  await mkdir(directory)
  const cookie = ['127.0.0.1', 'FALSE', '/', 'FALSE', '0', 'session', 'secret'].join('\t')
  await writeFile(cookiesFile, `# Netscape HTTP Cookie File\n${cookie}\n`)
  const ytdlp = await lookForYtdlp({ home: folder }, () => {})
  const log = createLogger('test', 'silent')
  const proxy = await startFilteringProxy({
    rules: urlRulesFrom({ URL_ALLOWED_HOSTS: 'localhost, 127.0.0.0/8' }),
    log,
  })
  const maxBytes = 1_000_000
  return {
    fetcher: ytdlpFetcher(
      { current: async () => ytdlp, proxy, settings: { maxBytes }, cookiesFile },
      {
        ...{ directory, log, signal: AbortSignal.timeout(60_000) },
        wishes: { keepVideo: false, maxBytes, maxDurationMs: 60_000 },
        reserve: async () => {},
        fetchStill: async () => undefined,
        onProgress: () => {},
      },
    ),
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function site(answer: RequestListener) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
