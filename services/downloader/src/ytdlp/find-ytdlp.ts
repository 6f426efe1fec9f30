import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import { runTool } from '@app/media'

/** Where `npm run downloader -- update` puts its own. */
export const OWN_YTDLP = 'bin/yt-dlp'

export interface YtdlpPlace {
  /** `YTDLP_PATH`: wins where it is set. */
  path?: string | undefined
  /** `YTDLP_HOME`: the folder of our own. */
  home: string
}

/** The yt-dlp to run, as an absolute path: the configured one, else our own, else the system's; undefined without any. */
export async function findYtdlp({ path, home }: YtdlpPlace): Promise<string | undefined> {
  if (path === undefined) {
    const own = resolve(home, OWN_YTDLP)
    const isThere = await access(own, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return own
  }
  return await onPath(path ?? 'yt-dlp')
}

/** By the shell's own search, in our environment: what the tool is later started in has another one. */
async function onPath(command: string): Promise<string | undefined> {
  const args = ['-c', 'command -v -- "$1"', 'sh', command]
  const found = await runTool({ command: 'sh', args, timeoutMs: 10_000 }).catch(() => undefined)
  const line = found?.stdout.trim()
  return line ? resolve(line) : undefined
}
