// A worker process of the campaign: what every service's main.ts does, with jobs of the campaign's own.
import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { createLogger, loadConfig, runService } from '@app/runtime'
import { z } from 'zod'
import { workersOf } from '../jobs/workers.ts'

const config = loadConfig({ ...workerConfig, CHAOS_KNOWS: z.enum(['old', 'new']) })
const log = createLogger('chaos', config.LOG_LEVEL)
const { db, bus, part: connections } = openConnections(config, log)

await runService({
  log,
  parts: [
    connections,
    ...workerParts(workersOf(config.CHAOS_KNOWS), { db }, workerOptions('chaos', config, { db, bus, log })),
  ],
})
