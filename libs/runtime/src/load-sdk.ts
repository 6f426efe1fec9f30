import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

/**
 * An SDK, the same one that `import` gives, loaded when it is first needed: loading costs a tenth to a fifth of a second
 * of a core, and most processes talk to one provider or none.
 */
export function loadSdk<Sdk>(name: string): Sdk {
  // By its resolved path: by name alone `require` would take the CommonJS build, whose classes are others.
  return require(fileURLToPath(import.meta.resolve(name))) as Sdk
}
