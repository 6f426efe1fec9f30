// The process that starts all others and keeps them running. Each step is a file of its own; this one is their order.

import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { createLogger, runService } from '@app/runtime'
import { type Programs, ROOT } from '../built/programs.ts'
import { freePort } from '../process/free-port.ts'
import { endOrphans } from '../process/orphans.ts'
import { announcePart } from './announce.ts'
import { migrationsPart, postgresPart, redisPart } from './backing-servers.ts'
import { Children, childrenFile } from './children.ts'
import { chooseApiPort } from './choose-api-port.ts'
import { lockDataDir } from './data-dir-lock.ts'
import { openLogFile } from './log-files.ts'
import { parseOptions, type StackOptions, USAGE } from './options.ts'
import { planEnvironment } from './plan-environment.ts'
import { readSecrets } from './secrets.ts'
import { servicesPart } from './services.ts'
import { removeStack } from './stack-file.ts'
import { tellTerminal } from './tell.ts'
import { issueTokens } from './tokens.ts'
import { UserError } from './user-error.ts'
import { watchPart } from './watch.ts'

/** Starts the stack, its programs from where `programs` says; resolves when all of it is ready. */
export async function main(args: readonly string[], programs: Programs): Promise<void> {
  // The terminal was closed: that means stop, not die.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))
  try {
    const envFile = path.join(ROOT, '.env')
    if (existsSync(envFile)) process.loadEnvFile(envFile)
    // npm moves to the project's folder and keeps the user's here.
    const cwd = process.env.INIT_CWD ?? process.cwd()
    const options = parseOptions(args, { root: ROOT, cwd })
    if (options) await start(options, programs)
    else console.log(USAGE)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

async function start({ dataDir, port, watch }: StackOptions, programs: Programs): Promise<void> {
  const lock = lockDataDir(dataDir)
  const apiPort = await chooseApiPort(port)
  const tell = tellTerminal()
  const writeLog = openLogFile(dataDir, 'stack')
  const log = createLogger('stack', 'info', {
    write: (line) => {
      writeLog(line.trimEnd())
      tell.line('stack', line)
    },
  })

  // Left by a run that was killed: what it says is no longer true.
  removeStack(dataDir)
  await endOrphans(childrenFile(dataDir), (orphans) =>
    tell.say(`Waiting for ${orphans.length} processes of a run that was killed to end …`),
  )
  const secrets = readSecrets(dataDir)
  const [redisPort, postgresPort] = [await freePort(), await freePort()]
  const environment = planEnvironment({
    env: process.env,
    dataDir,
    secrets,
    apiPort,
    redisPort,
    postgresPort,
    cores: availableParallelism(),
  })
  const tokens = await issueTokens(environment.jwtSecret, secrets.userIds)
  const children = new Children(dataDir, log)
  const services = servicesPart({ programs, dataDir, environment, children, tell })

  lock.announce(environment.apiUrl)
  tell.say(`Starting Scriptorium in ${dataDir} …`)
  await runService({
    log,
    parts: [
      ...(environment.embedsRedis ? [redisPart({ dataDir, secrets, children, port: redisPort })] : []),
      ...(environment.embedsPostgres
        ? [postgresPart({ dataDir, secrets, children, port: postgresPort, program: programs('postgres') })]
        : []),
      migrationsPart(environment.databaseUrl, log),
      services,
      ...(watch ? [watchPart(ROOT, services.supervised)] : []),
      announcePart({ dataDir, environment, tokens, children, tell }),
    ],
    exit: (code) => {
      // Of anything else the log's errors have spoken.
      if (code === 0) tell.say('Stopped.')
      process.exit(code)
    },
  })
}
