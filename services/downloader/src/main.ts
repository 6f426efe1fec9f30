import { access } from 'node:fs/promises'
import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { netConfig, urlRulesFrom } from '@app/net'
import { platformsFor } from '@app/platforms'
import { createLogger, healthServer, loadConfig, runService, scratchDirectory } from '@app/runtime'
import { storageConfig, storageFrom } from '@app/storage'
import { download } from './download.ts'
import { downloadDeps } from './download-deps.ts'
import { downloaderConfig } from './downloader-config.ts'
import { proxyPart } from './proxy-part.ts'
import { ytdlpVersions } from './ytdlp/ytdlp-version.ts'

const config = loadConfig({ ...workerConfig, ...storageConfig, ...netConfig, ...downloaderConfig })
const log = createLogger('downloader', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const scratch = scratchDirectory(config.SCRATCH_DIR, log)
const upstream = config.DOWNLOAD_PROXY && new URL(config.DOWNLOAD_PROXY.reveal())
const reach = { rules: urlRulesFrom(config), upstream }
const proxy = proxyPart(reach, log)
const place = { path: config.YTDLP_PATH, home: config.YTDLP_HOME }
const ytdlp = ytdlpVersions({ place, log, metrics: metrics.metrics })
const platforms = platformsFor({ allowGenericUrls: config.ALLOW_GENERIC_URLS })
const deps = downloadDeps(config, {
  db,
  storage: storageFrom(config),
  reach,
  proxy,
  ytdlp,
  scratch,
  platforms,
})

await runService({
  log,
  parts: [
    connections,
    scratch.part,
    proxy.part,
    ytdlp.part,
    // A path that is wrong is said now, not to whoever asks for a clip.
    { name: 'cookies', start: () => access(config.YTDLP_COOKIES_FILE ?? '.') },
    healthServer(config.HEALTH_PORT, { ...checks, 'yt-dlp': ytdlp.check }, metrics.metrics),
    ...workerParts([download], deps, workerOptions('downloader', config, { db, bus, log, metrics })),
  ],
})
