import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { takeFileLock } from '../process/file-lock.ts'

const WAIT_FOR_OTHERS_MS = 120_000
/** Stacks that run touch the folder they began with every day. */
const KEEP_UNUSED_MS = 7 * 86_400_000

/**
 * Makes a folder unless it is there: one process at a time among all that make folders beside it, and whole or not at
 * all, whoever is killed or cut from power meanwhile. Then removes those beside it that nobody has used (that is,
 * touched) for a week.
 */
export async function makeOnce(directory: string, make: (draft: string) => Promise<void>): Promise<void> {
  const all = path.dirname(directory)
  const draft = path.join(all, 'draft')
  const lock = takeFileLock(path.join(all, 'lock'), WAIT_FOR_OTHERS_MS)
  if (!lock) throw new Error(`another process makes ${draft} for ever`)
  try {
    if (existsSync(directory)) return
    // Left by one that was killed.
    rmSync(draft, { recursive: true, force: true })
    await make(draft)
    flush(draft)
    renameSync(draft, directory)
    removeUnused(all)
  } finally {
    // Where it could not be made; perhaps there was no room.
    rmSync(draft, { recursive: true, force: true })
    lock.release()
  }
}

/** A name may reach the disk before what it names, and would then stand for empty files. */
function flush(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = openSync(path.join(entry.parentPath, entry.name), 'r')
    fsyncSync(file)
    closeSync(file)
  }
}

function removeUnused(all: string): void {
  for (const entry of readdirSync(all, { withFileTypes: true })) {
    const folder = path.join(all, entry.name)
    if (entry.isDirectory() && Date.now() - statSync(folder).mtimeMs > KEEP_UNUSED_MS) {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
