import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it } from 'vitest'

const fixtures = join(import.meta.dirname, '../fixtures')
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A real process; `lines` is what its parts wrote so far, `until` waits for one such line. */
function launch(script: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(fixtures, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  // Not 'exit': what was written last may still be in the pipe.
  const closed = once(child, 'close') as Promise<[number | null]>
  const lines: string[] = []
  const logged: unknown[] = []
  const written = createInterface(child.stderr).on('line', (line) => lines.push(line))
  createInterface(child.stdout).on('line', (line) => logged.push(JSON.parse(line)))
  const until = async (line: string) => {
    while (!lines.includes(line)) await once(written, 'line')
  }
  const end = async () => (await closed)[0]
  return { child, lines, logged, until, end }
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'stops its parts in reverse on %s and exits with 0',
  async (signal) => {
    const service = launch('service.ts')
    await service.until('ready')

    service.child.kill(signal)

    expect(await service.end()).toBe(0)
    expect(service.lines).toEqual([
      'start connections',
      'start worker',
      'ready',
      'stop worker',
      'stop connections',
    ])
  },
)

it('exits at once on a second signal, with the signal in its exit code', async () => {
  const service = launch('service.ts', 'hang')
  await service.until('ready')
  service.child.kill('SIGTERM')
  await service.until('stop worker')

  service.child.kill('SIGINT')

  expect(await service.end()).toBe(130)
  expect(service.lines).not.toContain('stop connections')
})

it('stops what had been started and says why when a part cannot start', async () => {
  const service = launch('service.ts', 'refuse')

  expect(await service.end()).toBe(1)

  expect(service.lines).toEqual(['start connections', 'stop connections'])
  expect(service.logged).toContainEqual(
    expect.objectContaining({ level: 'fatal', msg: 'worker failed to start' }),
  )
})

it.each([
  ['reject', 'unhandled rejection'],
  ['throw', 'uncaught exception'],
])('stops in order after a bug (%s: %s) and exits with 1', async (mode, message) => {
  const service = launch('service.ts', mode)

  expect(await service.end()).toBe(1)

  expect(service.lines).toEqual(expect.arrayContaining(['stop worker', 'stop connections']))
  expect(service.logged).toContainEqual(expect.objectContaining({ level: 'fatal', msg: message }))
})

it('does not outlive a supervisor that was killed', async ({ onTestFailed }) => {
  const supervisor = launch('supervisor.ts')
  // It would be nobody's child then, and run for ever.
  onTestFailed(() => void process.kill(Number(supervisor.logged[0]), 'SIGKILL'))
  await supervisor.until('ready')

  supervisor.child.kill('SIGKILL')
  await supervisor.end()

  // Our end of standard error closes only when the service, which inherited it, has ended too.
  expect(supervisor.lines.slice(-2)).toEqual(['stop worker', 'stop connections'])
})
