import { createLogger, createMetrics, PutOffError } from '@app/runtime'
import { expect, it } from 'vitest'
import { ytdlpVersions } from './ytdlp-version.ts'

it('puts clips off while there is no yt-dlp, and stays ready for whoever installs it', async () => {
  const ytdlp = ytdlpVersions({
    place: { path: '/nowhere/yt-dlp', home: '/nowhere' },
    log: createLogger('test', 'silent'),
    metrics: createMetrics(),
  })

  const thrown = await ytdlp.current().catch((error) => error)

  expect(thrown).toBeInstanceOf(PutOffError)
  expect(thrown).toMatchObject({ code: 'ytdlp-missing', waitingFor: 'yt-dlp' })
  expect(await ytdlp.check()).toEqual({ healthNote: expect.stringContaining('yt-dlp is not installed') })
})
