import { join } from 'node:path'

/** A program to run, with its arguments. */
export type Command = readonly [program: string, ...args: string[]]

interface UpdatePlace {
  /** `YTDLP_PATH`, where it is set. */
  path?: string | undefined
  /** `YTDLP_HOME`. */
  home: string
}

/** With what it needs for YouTube's challenges and for sites that look at a browser's handshake. */
const PACKAGE = 'yt-dlp[default,curl-cffi]'

/**
 * How a newer yt-dlp is got: one that the operator named updates itself, where its kind can; else there is one of our own,
 * in a Python environment of its own, which nothing else on the machine depends on.
 */
export function planUpdate({ path, home }: UpdatePlace): readonly Command[] {
  if (path !== undefined) return [[path, '--ignore-config', '--update']]
  const python = join(home, 'bin/python')
  return [
    ['python3', '-m', 'venv', home],
    [python, '-m', 'pip', 'install', '--upgrade', '--disable-pip-version-check', '--no-input', PACKAGE],
  ]
}
