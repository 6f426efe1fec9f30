import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const MODULES = path.resolve(import.meta.dirname, '../../../node_modules')
const PACKAGES = ['ioredis', 'pg', 'bullmq', 'graphile-worker', 'pg-boss']

/** What figures depend on; without it they say nothing. */
export interface Environment {
  versions: Record<string, string>
  processors: string
  loadBefore: number[]
  loadAfter: number[]
}

export function environment(servers: Record<string, string>, loadBefore: number[]): Environment {
  const cpus = os.cpus()
  return {
    versions: {
      'Node.js': process.versions.node,
      ...servers,
      ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    },
    processors: `${cpus.length} × ${cpus[0]?.model.trim() ?? 'unknown'}`,
    loadBefore,
    loadAfter: os.loadavg(),
  }
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(path.join(MODULES, name, 'package.json'), 'utf8')).version
}

export function formatEnvironment({ versions, processors, loadBefore, loadAfter }: Environment): string[] {
  const load = (numbers: number[]) => numbers.map((number) => number.toFixed(1)).join(' ')
  return [
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `${processors}; load average ${load(loadBefore)} before, ${load(loadAfter)} after`,
  ]
}
