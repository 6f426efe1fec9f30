/** What a service's process is started with beside its program and its configuration. */
export interface ProcessSettings {
  /** Node's own. */
  args: readonly string[]
  env: Readonly<Record<string, string>>
}

/**
 * The transcriber is the one that is run by the dozen, and holds a recording's bytes for moments only. Without these the
 * collector and the allocator let what is dead stand, half as much again (`npm run bench -- longaudio`).
 */
const LEAN: ProcessSettings = {
  args: ['--max-semi-space-size=2', '--optimize-for-size'],
  env: { MALLOC_ARENA_MAX: '2' },
}
const AS_USUAL: ProcessSettings = { args: [], env: {} }

/** The same by `npm start`, in the benchmark, and in docker-compose.yml, which a test compares. */
export const processSettings = (service: string): ProcessSettings =>
  service === 'transcriber' ? LEAN : AS_USUAL
