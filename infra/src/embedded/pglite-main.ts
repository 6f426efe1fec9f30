// The embedded database's own process: PGlite works in the thread that calls it, so it gets one to itself.
import { createLogger, loadConfig, runService, secret } from '@app/runtime'
import { z } from 'zod'
import { takeFileLock } from '../process/file-lock.ts'
import { openPglite } from './pglite-data.ts'
import { servePglite } from './pglite-server.ts'

const config = loadConfig({
  PGLITE_DATA_DIR: z.string(),
  PGLITE_PASSWORD: secret,
  PORT: z.coerce.number().int().default(0),
  IDLE_IN_TRANSACTION_MS: z.coerce.number().int().default(5000),
  LOG_LEVEL: z.string().default('info'),
})
/** An orphan of the run before needs a moment to close; two processes on one folder would destroy it. */
const WAIT_FOR_PREDECESSOR_MS = 15_000
const log = createLogger('postgres', config.LOG_LEVEL)

let stop: () => Promise<void> = async () => {}
await runService({
  log,
  parts: [
    {
      name: 'pglite',
      start: async ({ fail }) => {
        if (!takeFileLock(`${config.PGLITE_DATA_DIR}.lock`, WAIT_FOR_PREDECESSOR_MS)) {
          throw new Error(`another process uses ${config.PGLITE_DATA_DIR}`)
        }
        const database = await openPglite(config.PGLITE_DATA_DIR)
        const server = await servePglite(database, {
          port: config.PORT,
          password: config.PGLITE_PASSWORD.reveal(),
          idleInTransactionMs: config.IDLE_IN_TRANSACTION_MS,
          onBroken: fail,
        })
        stop = () => server.close().then(() => database.close())
        process.send?.({ port: server.port })
      },
      stop: () => stop(),
    },
  ],
})
