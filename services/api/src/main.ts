import { openConnections } from '@app/jobs'
import { earlierEmbeddings, embeddingsFrom } from '@app/language'
import { urlRulesFrom } from '@app/net'
import { platformsFor } from '@app/platforms'
import { openProviders, revaiWebhookToken } from '@app/providers'
import { createLogger, loadConfig, runService } from '@app/runtime'
import { storageFrom } from '@app/storage'
import { apiConfig, legacyRoutes, spoolDirectory, tokenKeys } from './api-config.ts'
import { createApi } from './create-api.ts'
import { httpServer } from './http-server.ts'

const config = loadConfig(apiConfig)
const log = createLogger('api', config.LOG_LEVEL)
log.info({ config }, 'configured')
const {
  db,
  bus,
  part: connections,
  metrics,
} = openConnections(config, log, { silenceMs: config.DATABASE_SILENCE_MS })

const providers = openProviders({ config, db, bus, log, metrics: metrics.metrics })

const { app, parts, endStreams } = createApi({
  log,
  db,
  bus,
  metrics,
  redisUrl: config.REDIS_URL.reveal(),
  storage: storageFrom(config),
  embeddings: embeddingsFrom(config, providers),
  earlierEmbeddings: (model) => earlierEmbeddings(config, providers, model),
  spoolDirectory: spoolDirectory(config),
  maxFileBytes: config.MAX_FILE_BYTES,
  tokens: tokenKeys(config),
  signingSecret: config.SIGNING_SECRET.reveal(),
  publicUrl: config.PUBLIC_URL,
  corsOrigins: config.CORS_ORIGINS,
  revaiToken: revaiWebhookToken(config),
  urlRules: urlRulesFrom(config),
  platforms: platformsFor({ allowGenericUrls: config.ALLOW_GENERIC_URLS }),
  enableLegacyRoutes: legacyRoutes(config),
  allowHttpWebhooks: config.WEBHOOK_ALLOW_HTTP,
})

await runService({
  log,
  parts: [
    connections,
    ...providers.parts,
    ...parts,
    httpServer({ app, port: config.PORT, host: config.LISTEN_HOST, log, endStreams }),
  ],
})
