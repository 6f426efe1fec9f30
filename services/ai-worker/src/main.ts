import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { openProviders, providersConfig } from '@app/providers'
import { createLogger, healthServer, loadConfig, runService } from '@app/runtime'
import { analyze } from './analyze.ts'
import { describe } from './describe.ts'
import { languageConfig, languageFrom } from './language/language-from.ts'
import { summarize } from './summarize.ts'
import { tag } from './tag.ts'
import { translate } from './translate.ts'

const config = loadConfig({ ...workerConfig, ...providersConfig, ...languageConfig })
const log = createLogger('ai-worker', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const providers = openProviders({ config, db, bus, log, metrics: metrics.metrics })
const deps = { db, language: languageFrom(config, providers) }
const workers = [summarize, tag, analyze, describe, translate]

await runService({
  log,
  parts: [
    connections,
    ...providers.parts,
    healthServer(config.HEALTH_PORT, checks, metrics.metrics),
    ...workerParts(workers, deps, workerOptions('ai-worker', config, { db, bus, log, metrics })),
  ],
})
