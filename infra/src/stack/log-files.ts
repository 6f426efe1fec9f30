import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

const MAX_FILE_BYTES = 10 * 1024 * 1024

/**
 * `.data/logs/<service>.log`, and beside it the one before it. Written at once: the last line of a process
 * that died is the one that matters.
 */
export function openLogFile(
  dataDir: string,
  service: string,
  maxBytes = MAX_FILE_BYTES,
): (line: string) => void {
  const folder = path.join(dataDir, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, `${service}.log`)
  let { descriptor, bytes } = open(file)
  return (line) => {
    if (bytes > maxBytes) {
      closeSync(descriptor)
      renameSync(file, `${file}.1`)
      ;({ descriptor, bytes } = open(file))
    }
    bytes += writeSync(descriptor, `${line}\n`)
  }
}

function open(file: string): { descriptor: number; bytes: number } {
  const descriptor = openSync(file, 'a', 0o600)
  return { descriptor, bytes: fstatSync(descriptor).size }
}
