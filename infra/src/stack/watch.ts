import { watch } from 'node:fs'
import path from 'node:path'
import type { Part } from '@app/runtime'

/** Editors write a file several times; one restart is enough. */
const SETTLE_MS = 200

interface Restartable {
  restart(): Promise<void>
}

/** For development: restarts a service when its files change, and all of them when a lib does. */
export function watchPart(root: string, services: ReadonlyMap<string, Restartable>): Part {
  const watchers: { close(): void }[] = []
  const due = new Set<Restartable>()
  let timer: NodeJS.Timeout | undefined
  const restartDue = () => {
    for (const service of due) void service.restart()
    due.clear()
  }
  const onChange = (concerned: Iterable<Restartable>, file: string | null) => {
    if (!file || !/[.](ts|json)$/.test(file) || /[.]test[.]ts$/.test(file)) return
    for (const service of concerned) due.add(service)
    clearTimeout(timer)
    timer = setTimeout(restartDue, SETTLE_MS)
  }
  return {
    name: 'watch',
    start: () => {
      watchers.push(
        watch(path.join(root, 'libs'), { recursive: true }, (_, file) => onChange(services.values(), file)),
      )
      for (const [name, service] of services) {
        const folder = path.join(root, 'services', name)
        watchers.push(watch(folder, { recursive: true }, (_, file) => onChange([service], file)))
      }
    },
    stop: () => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}
