// pgvector for the PostgreSQL that the tests run on. Where the distribution has no package for its own version
// (Debian 12, Ubuntu 22.04), the next release's source package is built against this machine's PostgreSQL.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { packageSources } from './apt-sources.mjs'
import { withLock } from './lock.mjs'
import { aptInstall, asRoot, rootPrefix } from './package-manager.mjs'
import { capture, withProgress } from './run.mjs'
import { postgresFolder } from './system-tools.mjs'

/** The first releases that carry pgvector's source. */
const RELEASES_WITH_PGVECTOR = { debian: 'trixie', ubuntu: 'noble' }
const BUILD_PACKAGES = ['gcc', 'libc6-dev', 'make', 'dpkg-dev']

/** Never fails: without it the tests fall back to PGlite and name what they skipped. */
export async function ensurePgvector(root) {
  const folder = postgresFolder()
  if (!folder || (await hasPgvector(folder))) return
  const prefix = await rootPrefix()
  const major = /^\/usr\/lib\/postgresql\/(\d+)\/bin$/.exec(folder)?.[1]
  const refusal =
    prefix && major
      ? await withLock(path.join(root, '.cache/system-tools.lock'), () =>
          install({ root, folder, major, prefix }),
        )
      : 'it takes root to install it'
  if (refusal) console.error(`Going on without pgvector for PostgreSQL: ${refusal}`)
}

async function install(machine) {
  const { folder, major, prefix } = machine
  if (await hasPgvector(folder)) return undefined
  return withProgress('Installing pgvector for PostgreSQL', async () => {
    if ((await aptInstall(prefix, [`postgresql-${major}-pgvector`])) === undefined) return undefined
    return buildFromSource(machine)
  })
}

async function hasPgvector(folder) {
  const shareFolder = await ask(folder, '--sharedir')
  return shareFolder !== '' && existsSync(path.join(shareFolder, 'extension/vector.control'))
}

async function ask(folder, question) {
  const { code, output } = await capture(path.join(folder, 'pg_config'), [question])
  return code === 0 ? output.trim() : ''
}

async function buildFromSource({ root, folder, major, prefix }) {
  const system = osRelease()
  const release = RELEASES_WITH_PGVECTOR[system.ID]
  const source = release && packageSources(system.VERSION_CODENAME)
  if (!source) return `no source package of it is known for ${system.PRETTY_NAME ?? 'this system'}`
  const work = path.join(root, '.cache/pgvector')
  rmSync(work, { recursive: true, force: true })
  const run = async (command, args, cwd = work) => {
    const { code, output } = await capture(command, args, { cwd })
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}\n${output.slice(-2000)}`)
  }
  try {
    const refusal = await aptInstall(prefix, BUILD_PACKAGES)
    if (refusal) return refusal
    const options = privateApt(work, `deb-src ${source.options}${source.url} ${release} main\n`)
    await run('apt-get', [...options, 'update'])
    await run('apt-get', [...options, 'source', '--download-only', 'pgvector'])
    await run('dpkg-source', ['--no-copy', '-x', path.basename(find(work, /\.dsc$/)), 'pgvector'])
    // Only the headers and makefiles of the -dev package, not the clang and LLVM it would bring along.
    await run('apt-get', ['download', `postgresql-server-dev-${major}`])
    await run('dpkg-deb', ['-x', find(work, /^postgresql-server-dev.*\.deb$/), 'server-dev'])
    await run('make', makeArguments({ work, folder, major }), path.join(work, 'pgvector'))
    const made = await asRoot(prefix, ['make', ...makeArguments({ work, folder, major }), 'install'], {
      cwd: path.join(work, 'pgvector'),
    })
    return made.code === 0 ? undefined : made.output.slice(-2000)
  } catch (error) {
    return error.message
  }
}

/** apt with lists, cache and sources of its own: the user's are neither changed nor refreshed. */
function privateApt(work, sources) {
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(path.join(work, folder), { recursive: true })
  writeFileSync(path.join(work, 'sources.list'), sources)
  return [
    `Dir::Etc::sourcelist=${work}/sources.list`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}/cache`,
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option])
}

/** No JIT bitcode (needs clang) and no -march=native (the machine may be a container that moves). */
function makeArguments({ work, folder, major }) {
  const dev = path.join(work, 'server-dev/usr')
  return [
    `PG_CONFIG=${folder}/pg_config`,
    `includedir_server=${dev}/include/postgresql/${major}/server`,
    `includedir_internal=${dev}/include/postgresql/${major}/internal`,
    'with_llvm=no',
    'OPTFLAGS=',
  ]
}

function find(folder, pattern) {
  const name = readdirSync(folder).find((it) => pattern.test(it))
  if (!name) throw new Error(`no ${pattern} in ${folder}`)
  return path.join(folder, name)
}

function osRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n')
    return Object.fromEntries(lines.map((line) => line.match(/^(\w+)="?([^"]*)"?$/)?.slice(1) ?? ['', '']))
  } catch {
    return {}
  }
}
