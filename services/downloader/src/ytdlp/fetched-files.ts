import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClipFiles } from '@app/media'
import type { Logger } from '@app/runtime'
import { downloadFailure } from '../download-failure.ts'
import type { FormatPlan } from '../plan/plan-formats.ts'

interface Fetched {
  directory: string
  plan: FormatPlan
  still: string | undefined
  keepVideo: boolean
  log: Logger
}

/** What yt-dlp left in its folder, as it was planned. Throws `network` where some of it is missing. */
export async function fetchedFiles({ directory, plan, still, keepVideo, log }: Fetched): Promise<ClipFiles> {
  const names = await readdir(directory)
  const pathOf = (name: string) => {
    const file = names.find((each) => each.startsWith(`${name}.`) && !/\.(?:part|ytdl|temp)/.test(each))
    return file && join(directory, file)
  }
  const soundPath = pathOf('sound')
  const videoPath = plan.video && pathOf('video')
  if (!soundPath || (plan.video && !videoPath)) {
    log.warn({ names }, 'yt-dlp ended well, without the files it was asked for')
    throw downloadFailure('network')
  }
  const picture = still ? { path: still, isStill: true } : { path: videoPath ?? soundPath, isStill: false }
  return { soundPath, picture, ...(videoPath && keepVideo ? { videoPath } : {}) }
}
