import { expect, it } from 'vitest'
import { missingToolsMessage, planTools } from './plan-tools.mjs'
import { SYSTEM_TOOLS } from './system-tools.mjs'

const absent = SYSTEM_TOOLS.map((tool) => ({ ...tool, isPresent: () => false }))
const missingFor = (commands, env = {}) =>
  planTools(absent, { commands, env }).missing.map((tool) => tool.name)

it('needs for a start what the stack runs, and PostgreSQL for the tests only', () => {
  expect(missingFor(['start'])).toEqual(['redis-server', 'ffmpeg and ffprobe', 'pocketsphinx', 'yt-dlp'])
  expect(missingFor(['test'])).toContain('PostgreSQL')
})

it('needs nothing that is there', () => {
  const present = SYSTEM_TOOLS.map((tool) => ({ ...tool, isPresent: () => true }))

  expect(planTools(present, { commands: ['start', 'test'], env: {} }).missing).toEqual([])
})

it('does without a server that runs elsewhere', () => {
  expect(missingFor(['start'], { REDIS_URL: 'redis://elsewhere' })).not.toContain('redis-server')
  expect(missingFor(['test'], { TEST_DATABASE_URL: 'postgres://elsewhere' })).not.toContain('PostgreSQL')
})

it('needs a Redis of its own for the tests, which must never touch a Redis in use', () => {
  expect(missingFor(['test'], { REDIS_URL: 'redis://elsewhere' })).toContain('redis-server')
})

it('needs servers of its own for the fault campaign, which kills them, for benchmarks and for mutations', () => {
  const env = { REDIS_URL: 'redis://elsewhere', TEST_DATABASE_URL: 'postgres://elsewhere' }

  expect(missingFor(['chaos'], env)).toEqual(['redis-server', 'PostgreSQL'])
  expect(missingFor(['bench'], env)).toEqual(['redis-server', 'PostgreSQL'])
  expect(missingFor(['mutate'], env)).toEqual(['redis-server', 'PostgreSQL'])
})

it('names every missing tool and the exact command for each system', () => {
  const tools = SYSTEM_TOOLS.filter((tool) => /redis|pocketsphinx/.test(tool.name))

  expect(missingToolsMessage(tools)).toMatchInlineSnapshot(`
    "Scriptorium needs programs that this machine does not have:

      redis-server   carries the queues
      pocketsphinx   turns speech into text on this machine

    Install them, then run the same command again:

      Debian, Ubuntu   sudo apt-get update && sudo apt-get install -y redis-server pocketsphinx pocketsphinx-en-us
      Fedora           sudo dnf install -y valkey pocketsphinx pocketsphinx-models
      macOS            brew install redis cmu-pocketsphinx"
  `)
})
