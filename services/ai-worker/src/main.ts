import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { createLogger, healthServer, loadConfig, runService } from '@app/runtime'
import { languageConfig, languageFrom } from './language/language-from.ts'
import { summarize } from './summarize.ts'
import { tag } from './tag.ts'

const config = loadConfig({ ...workerConfig, ...languageConfig })
const log = createLogger('ai-worker', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const deps = { db, language: languageFrom(config) }

await runService({
  log,
  parts: [
    connections,
    healthServer(config.HEALTH_PORT, checks, metrics.metrics),
    ...workerParts([summarize, tag], deps, workerOptions('ai-worker', config, { db, bus, log, metrics })),
  ],
})
