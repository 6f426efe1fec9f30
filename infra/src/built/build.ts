import path from 'node:path'
import { type Plugin, rolldown } from 'rolldown'
import { ROOT } from './programs.ts'

/** They look for files beside their own: they stay where they are. */
const FIND_THEIR_OWN_FILES = [/^@electric-sql\//]
/** Kept apart, under a name that a stack's reader knows them by; each program loads the files of those it uses. */
const PACKAGES = { name: 'node_modules/packages', test: /[\\/]node_modules[\\/]/, entriesAware: true }
/** They start their own file as a thread: it shall be the built one, with nothing in it of the programs that start it. */
const THREADS = { leases: path.join(ROOT, 'libs/bus/src/lease-thread.ts') }

/**
 * Builds programs, by name and source, all at once into a folder, with what several of them load in files that they
 * share. Types, folders and packages are gone then: a service loads a dozen files where it loaded a thousand.
 */
export async function build(programs: Readonly<Record<string, string>>, directory: string): Promise<void> {
  const bundle = await rolldown({
    cwd: ROOT,
    platform: 'node',
    input: { ...programs, ...THREADS },
    external: FIND_THEIR_OWN_FILES,
    // Anything below goes to standard output, where others read in which folder it is.
    logLevel: 'warn',
    plugins: [sourcesStayTheirPlace(directory)],
  })
  await bundle.write({
    dir: directory,
    format: 'esm',
    entryFileNames: '[name].mjs',
    // Less the names of all programs that share it.
    chunkFileNames: ({ name }) => `${name.replace(/~.*/, '')}-[hash].mjs`,
    codeSplitting: { groups: [PACKAGES] },
    // The names of errors' classes are told to users, and kept in rows.
    keepNames: true,
    comments: false,
    sourcemap: true,
  })
  await bundle.close()
}

/**
 * To our files `import.meta` says where their source is, wherever they run: what lies beside it (Lua, the project's
 * folders, packages to be resolved) is found from there, and needs no copy.
 */
function sourcesStayTheirPlace(directory: string): Plugin {
  return {
    name: 'sources-stay-their-place',
    transform: {
      filter: { id: /^(?!.*[\\/]node_modules[\\/]).*[.]ts$/, code: /import\.meta\.(url|dirname)/ },
      handler(code, id) {
        if (Object.values(THREADS).includes(id)) return null
        const source = path.relative(directory, id).replaceAll(path.sep, '/')
        const here = path.posix.dirname(source)
        return {
          code: code
            .replaceAll('import.meta.url', `new URL(${JSON.stringify(source)}, import.meta.url).href`)
            .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${here}`)})`),
          map: null,
        }
      },
    },
  }
}
