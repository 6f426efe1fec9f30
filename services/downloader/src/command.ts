import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { runTool } from '@app/media'
import { errorMessage, loadConfig } from '@app/runtime'
import { downloaderConfig } from './downloader-config.ts'
import { planUpdate } from './plan/plan-update.ts'
import { versionWarning } from './plan/version-age.ts'
import { lookForYtdlp } from './ytdlp/ytdlp-version.ts'

const TIMEOUT_MS = 10 * 60_000
const USAGE =
  'npm run downloader -- version    which yt-dlp clips are fetched with\nnpm run downloader -- update     fetches the newest one'

const { YTDLP_PATH: path, YTDLP_HOME } = downloaderConfig
const config = loadConfig({ YTDLP_PATH: path, YTDLP_HOME })
const place = { path: config.YTDLP_PATH, home: resolve(config.YTDLP_HOME) }
const commands: Readonly<Record<string, () => Promise<void>>> = { version, update }

try {
  const command = commands[process.argv[2] ?? '']
  if (command) await command()
  else write(USAGE)
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`)
  process.exitCode = 1
}

async function version(): Promise<void> {
  const ytdlp = await lookForYtdlp(place, ({ message }) => process.stderr.write(`${message}\n`))
  write(`yt-dlp ${ytdlp.version} at ${ytdlp.path}`)
  const warning = versionWarning(ytdlp.version, Date.now())
  if (warning) write(warning)
}

/** What is being downloaded may fail once, where the old one's files are replaced under it, and is tried again. */
async function update(): Promise<void> {
  await mkdir(dirname(place.home), { recursive: true })
  for (const [program, ...args] of planUpdate(place)) {
    write(`$ ${[program, ...args].join(' ')}`)
    const onLine = (line: string) => write(line)
    await runTool({
      command: program,
      args,
      timeoutMs: TIMEOUT_MS,
      onStdoutLine: onLine,
      onStderrLine: onLine,
    })
  }
  await version()
}

function write(line: string): void {
  process.stdout.write(`${line}\n`)
}
