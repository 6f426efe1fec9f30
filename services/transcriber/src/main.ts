import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnections, workerConfig, workerOptions, workerParts } from '@app/jobs'
import { openProviders } from '@app/providers'
import { createLogger, healthServer, loadConfig, runService, scratchDirectory } from '@app/runtime'
import { openObjectIn, storageConfig, storageFrom, storageUrl } from '@app/storage'
import { z } from 'zod'
import { keptObjects } from './kept-objects.ts'
import { soundSharing } from './speech/share-sound.ts'
import { speechConfig, speechFrom } from './speech/speech-from.ts'
import { stitch } from './stitch.ts'
import { transcribe } from './transcribe.ts'
import { transcribePart } from './transcribe-part.ts'

const config = loadConfig({
  ...workerConfig,
  ...speechConfig,
  ...storageConfig,
  /** Longer recordings are cut into parts of at most this length, which all transcribers share. */
  TRANSCRIBE_PART_MINUTES: z.coerce.number().min(0.1).max(240).default(10),
  SCRATCH_DIR: z.string().default(join(tmpdir(), 'scriptorium-transcriber')),
})
const log = createLogger('transcriber', config.LOG_LEVEL)
log.info({ config }, 'configured')
const { db, bus, part: connections, checks, metrics } = openConnections(config, log)

const storage = storageFrom(config)
const scratch = scratchDirectory(config.SCRATCH_DIR, log)
const providers = openProviders({ config, db, bus, log, metrics: metrics.metrics })
const deps = {
  db,
  speech: speechFrom(config, {
    calls: providers.calls,
    cache: providers.cache,
    storageUrl: storageUrl(config),
    share: soundSharing({ db, storage, scratchDirectory: scratch.path }),
  }),
  cache: providers.cache,
  openObject: keptObjects(openObjectIn(storage), scratch.path),
  scratchDirectory: scratch.path,
  partMs: config.TRANSCRIBE_PART_MINUTES * 60_000,
}

await runService({
  log,
  parts: [
    connections,
    scratch.part,
    ...providers.parts,
    healthServer(config.HEALTH_PORT, checks, metrics.metrics),
    ...workerParts(
      [transcribe, transcribePart, stitch],
      deps,
      workerOptions('transcriber', config, { db, bus, log, metrics }),
    ),
  ],
})
