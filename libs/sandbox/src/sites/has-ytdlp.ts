import { runTool } from '@app/media'

const TIMEOUT_MS = 60_000

/** Whether this machine has a yt-dlp, of any age. */
export async function hasYtdlp(): Promise<boolean> {
  return await runTool({ command: 'yt-dlp', args: ['--version'], timeoutMs: TIMEOUT_MS }).then(
    () => true,
    () => false,
  )
}
