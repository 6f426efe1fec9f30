import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { createLogger, healthServer, loadConfig, runService, scratchDirectory } from '@app/runtime'
import { openObjectIn, storageConfig, storageFrom } from '@app/storage'
import { z } from 'zod'
import { speechConfig, speechFrom } from './speech/speech-from.ts'
import { transcribe } from './transcribe.ts'

const config = loadConfig({
  ...workerConfig,
  ...speechConfig,
  ...storageConfig,
  SCRATCH_DIR: z.string().default(join(tmpdir(), 'scriptorium-transcriber')),
})
const log = createLogger('transcriber', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const storage = storageFrom(config)
const scratch = scratchDirectory(config.SCRATCH_DIR, log)
const deps = {
  db,
  speech: speechFrom(config),
  openObject: openObjectIn(storage),
  scratchDirectory: scratch.path,
}

await runService({
  log,
  parts: [
    connections,
    scratch.part,
    healthServer(config.HEALTH_PORT, checks, metrics.metrics),
    ...workerParts([transcribe], deps, workerOptions('transcriber', config, { db, bus, log, metrics })),
  ],
})
