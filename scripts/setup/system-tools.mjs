// Every program of the operating system that Scriptorium uses, and how each system's package manager calls it.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { findProgram, isProgram } from './run.mjs'

/**
 * @typedef {object} SystemTool
 * @property {string} name what people call it
 * @property {string} purpose
 * @property {readonly string[]} neededBy commands of bootstrap.mjs
 * @property {string} [insteadOf] environment variable that points to a server elsewhere
 * @property {boolean} [optional] without it the command still works, in part
 * @property {() => boolean} isPresent
 * @property {{ apt: string[], dnf: string[], brew: string[] }} packages
 * @property {readonly string[]} [newestBy] Debian packages that bring the newest one into a container
 */

/** @type {readonly SystemTool[]} */
export const SYSTEM_TOOLS = [
  {
    name: 'redis-server',
    purpose: 'carries the queues',
    neededBy: ['start', 'demo', 'test', 'chaos', 'bench', 'mutate'],
    insteadOf: 'REDIS_URL',
    isPresent: () => anyProgram('redis-server', 'valkey-server'),
    packages: { apt: ['redis-server'], dnf: ['valkey'], brew: ['redis'] },
  },
  {
    name: 'ffmpeg and ffprobe',
    purpose: 'read and cut recordings',
    neededBy: ['start', 'demo', 'sandbox', 'test'],
    isPresent: () => anyProgram('ffmpeg') && anyProgram('ffprobe'),
    packages: { apt: ['ffmpeg'], dnf: ['ffmpeg-free'], brew: ['ffmpeg'] },
  },
  {
    name: 'pocketsphinx',
    purpose: 'turns speech into text on this machine',
    neededBy: ['start', 'demo', 'sandbox', 'test'],
    isPresent: () => anyProgram('pocketsphinx_batch') && hasEnglishModel(),
    packages: {
      apt: ['pocketsphinx', 'pocketsphinx-en-us'],
      dnf: ['pocketsphinx', 'pocketsphinx-models'],
      brew: ['cmu-pocketsphinx'],
    },
  },
  {
    // A distribution's may be years old: good for plain addresses and for tests. What platforms want changes monthly,
    // so the container takes the newest instead (infra/docker/Dockerfile).
    name: 'yt-dlp',
    purpose: 'fetches clips by their URL',
    neededBy: ['start', 'demo', 'test'],
    optional: true,
    isPresent: () => anyProgram('yt-dlp'),
    packages: { apt: ['yt-dlp'], dnf: ['yt-dlp'], brew: ['yt-dlp'] },
    newestBy: ['python3-venv'],
  },
  {
    name: 'PostgreSQL',
    purpose: 'lets the tests run on the real database as well',
    neededBy: ['test', 'chaos', 'bench', 'mutate'],
    insteadOf: 'TEST_DATABASE_URL',
    optional: true,
    isPresent: () => postgresFolder() !== undefined,
    packages: {
      apt: ['postgresql'],
      dnf: ['postgresql-server', 'postgresql-contrib', 'pgvector'],
      brew: ['postgresql@17', 'pgvector'],
    },
  },
]

/** Where initdb and postgres are: distributions keep them off the PATH. The newest where there are several. */
export function postgresFolder() {
  return postgresFolders().find((folder) =>
    ['initdb', 'postgres'].every((it) => isProgram(path.join(folder, it))),
  )
}

function postgresFolders() {
  const onPath = findProgram('initdb')
  return [
    ...newestFirst('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...newestFirst('/opt/homebrew/opt', /^postgresql/).map((name) => `/opt/homebrew/opt/${name}/bin`),
    ...newestFirst('/usr/local/opt', /^postgresql/).map((name) => `/usr/local/opt/${name}/bin`),
    ...(onPath ? [path.dirname(onPath)] : []),
  ]
}

function newestFirst(folder, pattern = /./) {
  try {
    const names = readdirSync(folder).filter((name) => pattern.test(name))
    return names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  } catch {
    return []
  }
}

function hasEnglishModel() {
  const shares = ['/usr/share', '/usr/local/share', '/opt/homebrew/share']
  return shares.some((share) => existsSync(`${share}/pocketsphinx/model/en-us`))
}

function anyProgram(...names) {
  return names.some((name) => findProgram(name) !== undefined)
}
