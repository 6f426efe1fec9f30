import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '@app/media'
import { startFilteringProxy, urlRulesFrom } from '@app/net'
import { createLogger } from '@app/runtime'
import { expect, it } from 'vitest'
import { readMetadata } from '../plan/read-metadata.ts'
import { ytdlpFetcher } from './ytdlp-fetcher.ts'

/** Writes more than the platform says, and complains as yt-dlp does where it may not. */
const SCRIPT = `#!/bin/sh
head -c 40000000 /dev/zero > sound.m4a && exit 0
rm sound.m4a
echo 'ERROR: unable to write data: [Errno 27] File too large' >&2
exit 1
`
const OPTIONS = { extractors: ['generic'], ytdlpArgs: [], requestsPerMinute: 1, acceptsSoundOnly: true }
const limitsFiles = await runTool({ command: 'prlimit', args: ['--version'], timeoutMs: 10_000 }).then(
  () => true,
  () => false,
)

it.skipIf(!limitsFiles)(
  'writes no more than was declared, and declares more for what is larger',
  async () => {
    await using place = await fetchingPlace()
    const format = { format_id: 'a', ext: 'm4a', vcodec: 'none', protocol: 'https', filesize: 1_000 }
    const metadata = readMetadata(JSON.stringify({ id: 'p', formats: [format] }))
    if (!metadata) throw new Error('no metadata')
    const declared: number[] = []

    const files = await place.fetcher(declared).download(metadata, OPTIONS)

    expect(declared).toEqual([32_001_500, 67_998_500])
    expect((await stat(files.soundPath)).size).toBe(40_000_000)
  },
)

async function fetchingPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-ytdlp-test-'))
  const [path, directory] = [join(folder, 'yt-dlp'), join(folder, 'run')]
  await mkdir(directory)
  await writeFile(path, SCRIPT)
  await chmod(path, 0o755)
  const log = createLogger('test', 'silent')
  const proxy = await startFilteringProxy({ rules: urlRulesFrom({ URL_ALLOWED_HOSTS: '' }), log })
  const current = async () => ({ path, version: '' })
  const maxBytes = 100_000_000
  return {
    fetcher: (declared: number[]) =>
      ytdlpFetcher(
        { current, proxy, settings: { maxBytes } },
        {
          ...{ directory, log, signal: AbortSignal.timeout(60_000) },
          wishes: { keepVideo: false, maxBytes, maxDurationMs: 60_000 },
          reserve: async (bytes) => void declared.push(bytes),
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
