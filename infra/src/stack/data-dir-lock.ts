import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { takeFileLock } from '../process/file-lock.ts'
import { UserError } from './user-error.ts'
import { writeFileAtomically } from './write-file.ts'

/** Makes this process the only stack on its data directory until it ends, however it ends. */
export function lockDataDir(dataDir: string): { announce(apiUrl: string): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const holderFile = path.join(dataDir, 'supervisor.json')
  if (!takeFileLock(path.join(dataDir, 'supervisor.lock')))
    throw new UserError(complaint(dataDir, holderFile))
  return {
    announce: (apiUrl) => writeFileAtomically(holderFile, JSON.stringify({ pid: process.pid, apiUrl })),
  }
}

function complaint(dataDir: string, holderFile: string): string {
  const { pid, apiUrl } = holder(holderFile)
  return [
    `Scriptorium is already running on ${dataDir}${pid ? ` (process ${pid})` : ''}.`,
    ...(apiUrl ? [`Its API is at ${apiUrl}.`] : []),
    'Stop it with Ctrl-C where it runs, or start another with --data-dir and --port.',
  ].join('\n')
}

function holder(file: string): { pid?: number; apiUrl?: string } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // It has only just begun.
    return {}
  }
}
