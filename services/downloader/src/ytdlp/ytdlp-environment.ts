import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * All of yt-dlp's environment: none of our secrets and nobody's proxies, and a home in its own folder, so that it finds
 * no configuration, plugins or cache of anybody.
 */
export function ytdlpEnvironment(ytdlpPath: string, directory: string): Record<string, string> {
  return {
    // Its JavaScript runtime is our own Node, where no other is named.
    PATH: [dirname(ytdlpPath), ...SYSTEM_PATH, dirname(process.execPath)].join(delimiter),
    HOME: directory,
    TMPDIR: directory,
    XDG_CONFIG_HOME: directory,
    XDG_CACHE_HOME: directory,
    // Where `pip install --user` has put it, its own modules are below the real home.
    PYTHONUSERBASE: join(homedir(), '.local'),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONIOENCODING: 'utf-8',
    YTDLP_NO_PLUGINS: '1',
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
  }
}
