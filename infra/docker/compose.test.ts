import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT, sourceFiles } from '../../scripts/checks/source-files.ts'
import { configVariables } from '../../scripts/docs/config-variables.ts'
import { PROGRAMS, type Program, SERVICES } from '../src/built/programs.ts'
import { processSettings } from '../src/stack/process-settings.ts'

interface ComposeService {
  build?: { dockerfile: string; target?: string }
  image?: string
  command?: string[]
  environment?: Record<string, string>
  ports?: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  volumes?: string[]
}

const file = path.join(ROOT, 'docker-compose.yml')
const text = readFileSync(file, 'utf8')
const compose = parse(text, { merge: true }) as {
  services: Record<string, ComposeService>
  volumes: Record<string, unknown>
}
const variables = configVariables(
  (await sourceFiles('{libs,services,infra,scripts}/**/*.ts')).filter(
    ({ path }) => !path.endsWith('.test.ts'),
  ),
)

/** Matters of the inside of a container, where the defaults do. */
const INSIDE = new Set([
  ...['LISTEN_HOST', 'SPOOL_DIR', 'SCRATCH_DIR', 'YTDLP_PATH', 'YTDLP_HOME'],
  // The image says "production", where there are no legacy routes.
  ...['NODE_ENV', 'ENABLE_LEGACY_ROUTES'],
])

/** What a container's program reads, by the file its command names. */
const readBy = (name: string) => variables.get(entryOf(name)) ?? []

const service = (name: string): ComposeService => compose.services[name] ?? {}
/** Behind Node's own flags. */
const entryIn = (words: readonly string[]) => words.slice(1).find((word) => !word.startsWith('--')) ?? ''
const entryOf = (name: string) => sourceOf(entryIn(service(name).command ?? []))
/** Of what the image has built, where its source begins. */
const sourceOf = (entry: string) =>
  entry.replace(/^built[/](.+)[.]mjs$/, (_, name: Program) => PROGRAMS[name] ?? entry)
const environmentOf = (name: string) => service(name).environment ?? {}
const ours = [...SERVICES, 'migrate']

it('runs every service of `npm start`, and nothing else of ours', () => {
  const built = Object.keys(compose.services).filter((name) => 'build' in service(name))

  expect(built.sort()).toEqual([...ours].sort())
  for (const name of SERVICES) expect(entryOf(name)).toBe(PROGRAMS[name])
})

it.each(ours)('starts %s with a file that exists', (name) => {
  const { command = [], healthcheck } = service(name)
  const programs = [command, healthcheck?.test.slice(1) ?? []].filter((words) => words.length > 0)

  for (const words of programs) {
    const entry = sourceOf(entryIn(words))
    expect(words[0]).toBe('node')
    expect(existsSync(path.join(ROOT, entry)), entry).toBe(true)
  }
})

it.each([...SERVICES])('starts %s with the settings that `npm start` gives it', (name) => {
  const { args, env } = processSettings(name)

  expect(service(name).command).toEqual(['node', ...args, `built/${name}.mjs`])
  expect(environmentOf(name)).toMatchObject(env)
})

it.each(ours)('gives %s the variables that it reads, and no others', (name) => {
  const read = readBy(name)
  const { env } = processSettings(name)
  const given = Object.keys(environmentOf(name)).filter((variable) => !(variable in env))

  expect(read.length).toBeGreaterThan(0)
  expect(given.toSorted()).toEqual(read.filter((variable) => !INSIDE.has(variable)).toSorted())
})

it('builds the downloader with a yt-dlp of its own, and one image for all others', () => {
  const dockerfile = readFileSync(path.join(ROOT, 'infra/docker/Dockerfile'), 'utf8')
  const { downloader: own, ...others } = Object.fromEntries(ours.map((name) => [name, service(name)]))

  expect(own).toMatchObject({ image: 'scriptorium-downloader', build: { target: 'downloader' } })
  expect(dockerfile).toContain(`FROM service AS ${own?.build?.target}\n`)
  for (const { image, build } of Object.values(others)) {
    expect([image, build?.target]).toEqual(['scriptorium', undefined])
  }
})

it.each([...SERVICES])('asks %s for its health on the port it listens on', (name) => {
  const { PORT, HEALTH_PORT } = environmentOf(name)

  expect(service(name).healthcheck?.test.at(-1)).toBe(PORT ?? HEALTH_PORT)
})

it('opens one port to the outside: that of the API', () => {
  const open = Object.keys(compose.services).filter((name) => service(name).ports)

  expect(open).toEqual(['api'])
  expect(service('api').ports?.map((port) => port.split(':').at(-1))).toEqual([environmentOf('api').PORT])
})

it('has the tables made before any service starts, and waits only for what exists', () => {
  for (const name of SERVICES) {
    expect(service(name).depends_on?.migrate?.condition).toBe('service_completed_successfully')
  }
  const awaited = Object.values(compose.services).flatMap((it) => Object.keys(it.depends_on ?? {}))
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(awaited))
})

it('keeps what must outlive a container in volumes that are declared', () => {
  const mounted = Object.values(compose.services).flatMap((it) => it.volumes ?? [])
  const names = new Set(mounted.map((volume) => volume.split(':')[0]))

  expect([...names].sort()).toEqual(Object.keys(compose.volumes).sort())
  for (const name of SERVICES.filter((it) => 'STORAGE_DIR' in environmentOf(it))) {
    expect(service(name).volumes).toContain(`storage:${environmentOf(name).STORAGE_DIR}`)
  }
})

it('has no secret in it', () => {
  const secrets = [...text.matchAll(/^\s+(\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*): *(.*)$/gm)]

  expect(secrets.length).toBeGreaterThan(0)
  for (const [line, name, value] of secrets) expect(value, line).toMatch(RegExp(`^\\$[{]${name}(:-)?}$`))
})

describe.each([
  ['docker-compose', ['docker-compose']],
  ['docker compose', ['docker', 'compose']],
])('%s', (_, [program = '', ...args]) => {
  it.skipIf(!answers(program, [...args, 'version']))('accepts the file', () => {
    const secrets = { POSTGRES_PASSWORD: 'x', SIGNING_SECRET: 'x', SUPABASE_JWT_SECRET: 'x' }
    const env = { ...process.env, ...secrets }

    const said = execFileSync(program, [...args, '-f', file, 'config', '--services'], {
      env,
      encoding: 'utf8',
    })

    expect(said.trim().split('\n').sort()).toEqual(Object.keys(compose.services).sort())
  })
})

function answers(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false
  }
}
