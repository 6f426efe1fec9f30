import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runTool } from '@app/media'
import { PLATFORM_HOSTS } from './posts.ts'

/**
 * Writes an executable that stands in for yt-dlp: asked for the metadata (`-J`) of a platform's own address it answers
 * what the sites say, and becomes the real one for everything else. It needs nothing of its environment but PATH.
 */
export async function writeYtdlpProgram(
  directory: string,
  { siteUrl, ytdlp }: { siteUrl: string; ytdlp: string },
): Promise<string> {
  const program = path.join(directory, 'yt-dlp')
  const answers = path.join(import.meta.dirname, 'answer-metadata.mjs')
  const hosts = PLATFORM_HOSTS.flatMap((host) => [`*://${host}/*`, `*://*.${host}/*`]).join('|')
  const realProgram = await absolute(ytdlp)
  const script = `#!/bin/sh
for last; do :; done
case " $* " in
  *" -J "*|*" --dump-single-json "*)
    case "$last" in ${hosts}) exec "${process.execPath}" "${answers}" "${siteUrl}" "$@" ;; esac ;;
esac
exec "${realProgram}" "$@"
`
  await writeFile(program, script)
  await chmod(program, 0o755)
  return program
}

/** Whoever runs ours may look for programs beside it first, and would find ours again. */
async function absolute(program: string): Promise<string> {
  const args = ['-c', 'command -v -- "$1"', 'sh', program]
  const { stdout } = await runTool({ command: 'sh', args, timeoutMs: 10_000 })
  return path.resolve(stdout.trim())
}
