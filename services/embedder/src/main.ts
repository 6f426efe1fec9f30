import { ensureVectorIndex } from '@app/db'
import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { embeddingsConfig, embeddingsFrom } from '@app/language'
import { openProviders, providersConfig } from '@app/providers'
import { createLogger, healthServer, loadConfig, runService } from '@app/runtime'
import { embed } from './embed.ts'
import { createEmbedAnew } from './embed-anew.ts'
import { onceDone } from './once-done.ts'

const config = loadConfig({ ...workerConfig, ...providersConfig, ...embeddingsConfig })
const log = createLogger('embedder', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const providers = openProviders({ config, db, bus, log, metrics: metrics.metrics })
const embeddings = embeddingsFrom(config, providers)
const indexReady = onceDone(() => ensureVectorIndex(db, embeddings))
const deps = { db, embeddings, indexReady }

await runService({
  log,
  parts: [
    connections,
    ...providers.parts,
    healthServer(config.HEALTH_PORT, checks, metrics.metrics),
    ...workerParts([embed], deps, workerOptions('embedder', config, { db, bus, log, metrics })),
    createEmbedAnew({ db, log, embeddings }),
  ],
})
