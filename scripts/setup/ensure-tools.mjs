import path from 'node:path'
import { SetupError } from './errors.mjs'
import { withLock } from './lock.mjs'
import { packageManager } from './package-manager.mjs'
import { ensurePgvector } from './pgvector.mjs'
import { missingToolsMessage, OWN_SERVERS, planTools } from './plan-tools.mjs'
import { withProgress } from './run.mjs'
import { SYSTEM_TOOLS } from './system-tools.mjs'

/** Installs what the commands need and the machine lacks, or says exactly what is to be installed. */
export async function ensureSystemTools(commands, root) {
  const wanted = () => planTools(SYSTEM_TOOLS, { commands, env: process.env })
  if (wanted().missing.length > 0) {
    await withLock(path.join(root, '.cache/system-tools.lock'), () => installMissing(wanted()))
  }
  const testsHere = commands.includes('test') && !process.env.TEST_DATABASE_URL
  const ownServers = commands.some((command) => OWN_SERVERS.includes(command))
  if (testsHere || ownServers) await ensurePgvector(root)
}

async function installMissing({ missing }) {
  if (missing.length === 0) return
  const refusal = await install(missing)
  const stillMissing = missing.filter((tool) => !tool.isPresent())
  if (stillMissing.some((tool) => !tool.optional)) {
    throw new SetupError([missingToolsMessage(stillMissing), refusal].filter(Boolean).join('\n\n'))
  }
  for (const tool of stillMissing) console.error(`Going on without ${tool.name}, which ${tool.purpose}.`)
}

/** What the package manager said where it failed. */
async function install(tools) {
  const manager = await packageManager()
  if (!manager) return undefined
  const names = tools.map((tool) => tool.name).join(', ')
  const packages = tools.flatMap((tool) => tool.packages[manager.name])
  const refusal = await withProgress(`Installing ${names} (${manager.name})`, () => manager.install(packages))
  return refusal && `${manager.name} tried and failed. What it said:\n\n${refusal}`
}
