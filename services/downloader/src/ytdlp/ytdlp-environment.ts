import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * Of all protocols it knows. `--proxy` is for HTTP only in releases before 2023.11, which go to FTP by themselves when a
 * site redirects them there; and an option could be read by all who are on the machine, with the password in it.
 */
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy']

/** Without a proxy it is to go nowhere: nothing listens at port 9 of loopback, or else it throws away. */
const NOWHERE = 'http://127.0.0.1:9'

/**
 * All of yt-dlp's environment: none of our secrets, no proxy but the one given, and a home in its own folder, so that it
 * finds no configuration, plugins or cache of anybody.
 */
export function ytdlpEnvironment(
  ytdlpPath: string,
  { directory, proxyUrl = NOWHERE }: { directory: string; proxyUrl?: string },
): Record<string, string> {
  return {
    ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, proxyUrl])),
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
