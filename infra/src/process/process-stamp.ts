import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Tells a process from a later one that got the same id; undefined when it is not running.
 * On Linux its start in clock ticks since boot (proc(5), field 22), elsewhere what ps says.
 */
export function processStamp(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? linuxStamp(pid) : psStamp(pid)
  } catch {
    return undefined
  }
}

function linuxStamp(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program's name stands in brackets and may itself hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  if (state === 'Z' || state === 'X') return undefined
  return `${fields[19]}@${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`
}

function psStamp(pid: number): string | undefined {
  const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: 5000 })
  return started.toString().trim() || undefined
}
