import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const POLL_MS = 300

/** Runs `work` while no other process of this project does; waits for its turn. */
export async function withLock(file, work) {
  mkdirSync(path.dirname(file), { recursive: true })
  for (let waited = false; !take(file); waited = true) {
    if (!waited) process.stderr.write('Another start of Scriptorium is setting things up; waiting for it …\n')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** Linked into place with its owner's id already in it, so that nobody ever reads half of it. */
function take(file) {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, String(process.pid))
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return clearIfStale(file) && take(file)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A holder that was killed leaves its file behind; its process id tells. True when it is out of the way. */
function clearIfStale(file) {
  const owner = ownerOf(file)
  if (owner === undefined || isAlive(owner)) return false
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
    // Between our look and our move somebody may have cleared it and taken it: then it goes back.
    if (ownerOf(aside) !== owner) linkSync(aside, file)
    rmSync(aside, { force: true })
    return true
  } catch {
    // The other one was faster.
    return false
  }
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
