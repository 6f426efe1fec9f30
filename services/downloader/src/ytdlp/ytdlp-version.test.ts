import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '@app/media'
import { createLogger, createMetrics, errorMessage, PutOffError } from '@app/runtime'
import { expect, it, onTestFinished } from 'vitest'
import { ytdlpVersions } from './ytdlp-version.ts'

it('puts clips off while there is no yt-dlp, and stays ready for whoever installs it', async () => {
  const ytdlp = versionsOf('/nowhere/yt-dlp')

  const thrown = await ytdlp.current().catch((error) => error)

  expect(thrown).toBeInstanceOf(PutOffError)
  expect(thrown).toMatchObject({ code: 'ytdlp-missing', waitingFor: 'yt-dlp' })
  expect(await ytdlp.check()).toEqual({ healthNote: expect.stringContaining('yt-dlp is not installed') })
})

it('puts clips off while yt-dlp does not start, in words for users', async () => {
  const { path } = await scriptOf("echo /secret/place: no module named 'yt_dlp' >&2; exit 1")
  const ytdlp = versionsOf(path)

  const thrown = await ytdlp.current().catch((error) => error)

  expect(thrown).toBeInstanceOf(PutOffError)
  expect(errorMessage(thrown)).toMatch(/^yt-dlp does not start; npm run downloader -- update renews it$/)
  expect(await ytdlp.check()).toEqual({ healthNote: errorMessage(thrown) })
})

it('asks again once there is one that starts', async () => {
  const { path, write } = await scriptOf('exit 1')
  const ytdlp = versionsOf(path)
  await expect(ytdlp.current()).rejects.toMatchObject({ code: 'ytdlp-missing' })

  await write('echo 2026.01.02')

  expect(await ytdlp.current()).toEqual({ path, version: '2026.01.02' })
})

it('goes on with the version it knows until a new look is answered', async () => {
  const { path, write, folder } = await scriptOf('echo 2026.01.02')
  const gate = join(folder, 'gate')
  await runTool({ command: 'mkfifo', args: [gate], timeoutMs: 10_000 })
  const ytdlp = versionsOf(path)
  await ytdlp.current()
  await write(`cat '${gate}'`)

  await ytdlp.part.start?.({ signal: new AbortController().signal, fail: () => {} })
  expect(await ytdlp.current()).toMatchObject({ version: '2026.01.02' })

  await writeFile(gate, '2026.03.04\n')
  await ytdlp.part.stop?.()
  expect(await ytdlp.current()).toMatchObject({ version: '2026.03.04' })
})

const versionsOf = (path: string) =>
  ytdlpVersions({
    place: { path, home: '/nowhere' },
    log: createLogger('test', 'silent'),
    metrics: createMetrics(),
  })

async function scriptOf(body: string) {
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-ytdlp-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'yt-dlp')
  const write = async (lines: string) => {
    await writeFile(path, `#!/bin/sh\n${lines}\n`)
    await chmod(path, 0o755)
  }
  await write(body)
  return { path, write, folder }
}
