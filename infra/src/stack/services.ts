import type { Part } from '@app/runtime'
import { type Programs, ROOT, SERVICES } from '../built/programs.ts'
import { startChild } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'
import type { Supervised } from '../process/supervised.ts'
import type { Children } from './children.ts'
import { openLogFile } from './log-files.ts'
import type { StackEnvironment } from './plan-environment.ts'
import { processSettings } from './process-settings.ts'
import { type Probe, untilReady } from './readiness.ts'
import type { Tell } from './tell.ts'

/** Their grace time for running jobs, and some for their connections. */
const STOP_TIMEOUT_MS = 30_000

interface ServicesOptions {
  programs: Programs
  dataDir: string
  environment: StackEnvironment
  children: Children
  tell: Tell
}

/** Our services, each in a process of its own: started one by one, waited for and stopped together. */
export function servicesPart(options: ServicesOptions): Part & { supervised: Map<string, Supervised> } {
  const services = SERVICES.map((name) => service(name, options))
  const stop = () => Promise.all(services.map(({ supervised }) => supervised.stop()))
  const start = async (signal: AbortSignal) => {
    for (const { supervised } of services) await supervised.start()
    await untilReady(
      services.map(({ probe }) => probe),
      signal,
    )
    for (const { supervised } of services) supervised.ready()
  }
  return {
    name: 'services',
    supervised: new Map(services.map(({ supervised }) => [supervised.name, supervised])),
    stopTimeoutMs: STOP_TIMEOUT_MS + 5_000,
    start: async ({ signal }) => {
      try {
        await start(signal)
      } catch (error) {
        await stop()
        throw error
      }
    },
    stop,
  }
}

function service(
  name: (typeof SERVICES)[number],
  { programs, dataDir, environment, children, tell }: ServicesOptions,
) {
  const log = openLogFile(dataDir, name)
  const { args, env } = processSettings(name)
  let url = ''
  const launch = async () => {
    // A new one each time, so that a port somebody took meanwhile heals by itself.
    const healthPort = await freePort()
    url = name === 'api' ? environment.apiUrl : `http://127.0.0.1:${healthPort}`
    const child = await startChild({
      command: process.execPath,
      args: [...args, programs(name)],
      cwd: ROOT,
      env: { ...env, ...environment.variables, HEALTH_PORT: String(healthPort) },
      tie: 'ipc',
      stopTimeoutMs: STOP_TIMEOUT_MS,
      onLine: (line) => {
        log(line)
        tell.line(name, line)
      },
    })
    return { ...child, healthUrl: url }
  }
  const supervised = children.supervise(name, launch)
  const probe: Probe = {
    name,
    url: () => `${url}/readyz`,
    assertHopeful: () => supervised.assertHopeful(),
  }
  return { supervised, probe }
}
