// A process that runs no jobs and dispatches them, as the API is.
import { connectionConfig, createDispatcher, createReconciler, openConnections } from '@app/jobs'
import { createLogger, loadConfig, runService } from '@app/runtime'

const config = loadConfig(connectionConfig)
const log = createLogger('chaos-dispatcher', config.LOG_LEVEL)
const { db, bus, part: connections } = openConnections(config, log)
const dispatcher = createDispatcher({ db, bus, redisUrl: config.REDIS_URL.reveal(), log })

await runService({
  log,
  parts: [connections, dispatcher, createReconciler({ db, bus, log, onDrift: dispatcher.dispatchSoon })],
})
