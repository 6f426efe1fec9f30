import { registerHooks } from 'node:module'
import { FatalError } from '@app/runtime'
import type { PlantedBug } from './model/planted-bugs.ts'

interface Edit {
  /** How the file's address ends. */
  file: string
  remove: string
}

/** Bugs in code that the simulator runs as it is; those in SQL and Lua are planted in the models of these. */
const EDITS: Partial<Record<PlantedBug, Edit>> = {
  'self-reclaim': {
    file: '/libs/bus/src/consumer.ts',
    remove: 'if (this.#held.has(keyOf(delivery))) continue',
  },
}

/** Takes the line that prevents the bug out of the product's source as it is loaded; to be called before it is. */
export function plantInSource(bug: PlantedBug): void {
  const edit = EDITS[bug]
  if (!edit) return
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      if (!url.endsWith(edit.file)) return loaded
      return { ...loaded, source: edited(String(loaded.source), edit) }
    },
  })
}

function edited(source: string, { file, remove }: Edit): string {
  const parts = source.split(remove)
  if (parts.length === 2) return parts.join('')
  throw new FatalError(
    'bug-not-planted',
    `${file} does not have just once what was to be taken out: ${remove}`,
  )
}
