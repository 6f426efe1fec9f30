import { openConnections, workerOptions, workerParts } from '@app/jobs'
import { urlRulesFrom } from '@app/net'
import { createLogger, healthServer, loadConfig, runService } from '@app/runtime'
import { deliver } from './deliver.ts'
import { notifierConfig, TRY_TIMEOUT_MS } from './notifier-config.ts'
import { planShares } from './plan/plan-shares.ts'
import { createDeliveryPruner } from './prune-deliveries.ts'

const config = loadConfig(notifierConfig)
const log = createLogger('notifier', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const reach = { rules: urlRulesFrom(config) }
const deps = { db, reach, timeoutMs: TRY_TIMEOUT_MS, ...planShares(config.WEBHOOK_CONCURRENCY) }
const options = { ...config, CONCURRENCY: config.WEBHOOK_CONCURRENCY }

await runService({
  log,
  parts: [
    connections,
    healthServer(config.HEALTH_PORT, checks, metrics.metrics),
    ...workerParts([deliver], deps, workerOptions('notifier', options, { db, bus, log, metrics })),
    createDeliveryPruner({ db, log, keepDays: config.WEBHOOK_KEEP_DAYS }),
  ],
})
