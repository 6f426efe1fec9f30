import { readdirSync, readFileSync } from 'node:fs'

/**
 * Where this machine gets its distribution's packages from, so that we ask the same mirror.
 * `options` is what stands in brackets in a sources line, with a space behind it.
 */
export function packageSources(codename, folder = '/etc/apt') {
  return [...sourceFiles(folder)].map(({ name, text }) => parseSources(name, text, codename)).find(Boolean)
}

function* sourceFiles(folder) {
  for (const name of [
    'sources.list',
    ...list(`${folder}/sources.list.d`).map((it) => `sources.list.d/${it}`),
  ]) {
    try {
      yield { name, text: readFileSync(`${folder}/${name}`, 'utf8') }
    } catch {
      // Not there or not ours to read.
    }
  }
}

function list(folder) {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Both formats: one-line `deb [options] url suite …` and deb822 stanzas. Undefined when it has no such suite. */
export function parseSources(name, text, codename) {
  return name.endsWith('.sources') ? parseStanzas(text, codename) : parseLines(text, codename)
}

function parseLines(text, codename) {
  for (const line of text.split('\n')) {
    const match = /^\s*deb(?:-src)?\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/.exec(line)
    if (match && match[3] === codename)
      return { url: match[2], options: match[1] ? `${match[1].trim()} ` : '' }
  }
  return undefined
}

function parseStanzas(text, codename) {
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (key) => new RegExp(`^${key}:[ \\t]*(.+)$`, 'mi').exec(stanza)?.[1].trim()
    const url = field('URIs')?.split(/\s+/)[0]
    if (!url || !field('Suites')?.split(/\s+/).includes(codename)) continue
    const keyring = field('Signed-By')
    return { url, options: keyring?.startsWith('/') ? `[signed-by=${keyring}] ` : '' }
  }
  return undefined
}
