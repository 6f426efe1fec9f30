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

/** All processes of the stack: kept running, and on record. */
export class Children {
  readonly #dataDir: string
  readonly #log: Logger
  readonly #records = new Map<string, ChildRecord>()
  #onChange = () => {}

  constructor(dataDir: string, log: Logger) {
    this.#dataDir = dataDir
    this.#log = log
  }

  get running(): { name: string; pid: number }[] {
    return [...this.#records.values()].map(({ name, pid }) => ({ name, pid }))
  }

  /** Called whenever `running` has changed. */
  onChange(listener: () => void): void {
    this.#onChange = listener
  }

  supervise(name: string, launch: () => Promise<Running>): Supervised {
    return new Supervised({
      name,
      launch,
      onChange: (pid) => this.#note(name, pid),
      onDeath: (how, restartInMs) =>
        this.#log.warn({ name, how, restartInMs }, `${name} ended (${how}), starting it again`),
    })
  }

  #note(name: string, pid: number | undefined): void {
    const record = pid === undefined ? undefined : recordOf(name, pid)
    if (record) this.#records.set(name, record)
    else this.#records.delete(name)
    writeFileAtomically(childrenFile(this.#dataDir), JSON.stringify([...this.#records.values()]))
    this.#onChange()
  }
}
