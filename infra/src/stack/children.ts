import path from 'node:path'
import type { Logger } from '@app/runtime'
import type { Running } from '../process/child.ts'
import { type ChildRecord, recordOf } from '../process/orphans.ts'
import { Supervised } from '../process/supervised.ts'
import { writeFileAtomically } from './write-file.ts'

/** Where the processes of a run are noted for the next one, should this one be killed. */
export function childrenFile(dataDir: string): string {
  return path.join(dataDir, 'children.json')
}

export interface Launched extends Running {
  /** Where it answers how it is, of those that do. */
  healthUrl?: string
}

interface Noted extends ChildRecord {
  url?: string | undefined
}

/** All processes of the stack: kept running, and on record. */
export class Children {
  readonly #dataDir: string
  readonly #log: Logger
  readonly #records = new Map<string, Noted>()
  #onChange = () => {}

  constructor(dataDir: string, log: Logger) {
    this.#dataDir = dataDir
    this.#log = log
  }

  get running(): { name: string; pid: number; url?: string | undefined }[] {
    return [...this.#records.values()].map(({ name, pid, url }) => ({ name, pid, ...(url ? { url } : {}) }))
  }

  /** Called whenever `running` has changed. */
  onChange(listener: () => void): void {
    this.#onChange = listener
  }

  supervise(name: string, launch: () => Promise<Launched>): Supervised {
    let url: string | undefined
    return new Supervised({
      name,
      launch: async () => {
        const launched = await launch()
        url = launched.healthUrl
        return launched
      },
      onChange: (pid) => this.#note(name, pid === undefined ? undefined : recordOf(name, pid), url),
      onDeath: (how, restartInMs) =>
        this.#log.warn({ name, how, restartInMs }, `${name} ended (${how}), starting it again`),
    })
  }

  #note(name: string, record: ChildRecord | undefined, url: string | undefined): void {
    if (record) this.#records.set(name, { ...record, url })
    else this.#records.delete(name)
    writeFileAtomically(childrenFile(this.#dataDir), JSON.stringify([...this.#records.values()]))
    this.#onChange()
  }
}
