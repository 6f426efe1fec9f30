import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { takeFileLock } from '../process/file-lock.ts'
import { UserError } from './user-error.ts'
import { writeFileAtomically } from './write-file.ts'

/** Makes this process the only stack on its data directory until it ends, however it ends. */
export function lockDataDir(dataDir: string): { announce(apiUrl: string): void } {
  makeDirectory(dataDir)
  const holderFile = path.join(dataDir, 'supervisor.json')
  if (!takeFileLock(path.join(dataDir, 'supervisor.lock')))
    throw new UserError(complaint(dataDir, holderFile))
  return {
    announce: (apiUrl) => writeFileAtomically(holderFile, JSON.stringify({ pid: process.pid, apiUrl })),
  }
}

/** Errors: a UserError where it can not be made, or is not ours to write to. */
function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const isFile = code === 'EEXIST' || code === 'ENOTDIR'
    const problem = isFile
      ? `A file is in the way of ${dataDir}.`
      : `Nothing can be written to ${dataDir} (${code}).`
    throw new UserError(`${problem} Choose another: npm start -- --data-dir DIR`, { cause: error })
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
