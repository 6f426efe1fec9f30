import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '../../..')

/** In the order they start. */
export const SERVICES = ['api', 'downloader', 'transcriber', 'ai-worker', 'embedder', 'notifier'] as const

/** What a stack runs of ours, and the file each begins with. The first is the process that starts the others. */
export const PROGRAMS = {
  stack: 'infra/src/stack/main.ts',
  postgres: 'infra/src/embedded/pglite-main.ts',
  api: 'services/api/src/main.ts',
  downloader: 'services/downloader/src/main.ts',
  transcriber: 'services/transcriber/src/main.ts',
  'ai-worker': 'services/ai-worker/src/main.ts',
  embedder: 'services/embedder/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
} as const

export type Program = keyof typeof PROGRAMS

/** Where a program's file is: its source, or what was built of it. */
export type Programs = (name: Program) => string

export const sourcePrograms: Programs = (name) => path.join(ROOT, PROGRAMS[name])
