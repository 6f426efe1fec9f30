import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

// Where programs live that a bare PATH (cron, containers, GUI terminals on macOS) leaves out.
const MORE_FOLDERS = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
]

/** Full path of a program, or undefined. */
export function findProgram(name, folders = searchPath()) {
  return folders.map((folder) => path.join(folder, name)).find(isProgram)
}

function searchPath() {
  return [...(process.env.PATH ?? '').split(path.delimiter), ...MORE_FOLDERS].filter(Boolean)
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/**
 * Runs a program to its end with its output kept: shown only when it matters.
 * Never rejects: `code` is its exit status, -1 when it could not start or ran out of time.
 */
export function capture(command, args, { timeoutMs = 15 * 60_000, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    const finish = (code) => {
      clearTimeout(timer)
      resolve({ code, output })
    }
    child.on('error', (error) => {
      output += `${error.message}\n`
      finish(-1)
    })
    child.on('close', (code) => finish(code ?? -1))
  })
}

/**
 * Stands in for the program until it ends: passes signals on and ends the way it ended.
 * A terminal's Ctrl-C reaches the program twice that way (from the terminal and from us, and from npm too),
 * so what we start must count signals in quick succession as one.
 */
export function become(command, args, options) {
  return new Promise((_resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (!signal) process.exit(code ?? 1)
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
  })
}

/** Says what takes its time, once, in a line that the end completes. */
export async function withProgress(sentence, work) {
  const startedAt = Date.now()
  process.stderr.write(`${sentence} …`)
  try {
    const result = await work()
    process.stderr.write(` done (${Math.round((Date.now() - startedAt) / 1000)} s)\n`)
    return result
  } catch (error) {
    process.stderr.write(' failed\n')
    throw error
  }
}
