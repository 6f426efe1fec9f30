import path from 'node:path'
import { parseArgs } from 'node:util'
import { FatalError, wholeNumber } from '@app/runtime'

export interface DemoOptions {
  /** Absolute. Without any, the demo makes its own book. */
  files: string[]
  /** Of the user's own recording, where its tags don't name it. */
  language: string | undefined
  json: boolean
  seed: number
  /** Absolute. */
  dataDir: string
  /** For a stack that the demo starts; 0 chooses a free one. */
  port: number
  /** Who hears and reads: what the stack is configured for, or each provider in turn, pretended by the sandbox. */
  providers: 'configured' | 'sandbox'
  /** Of a short video, instead of a book. */
  url: string | undefined
  /** A short video of a platform that a local server plays, instead of a book. */
  clip: boolean
}

export const USAGE = `npm run demo -- [options]

Makes a small audiobook, sends it through the HTTP API, and shows what becomes of it.
Uses the stack that runs on the data directory, or starts one for as long as the demo takes.

  --file FILE     your own recording instead: an M4B, an MP3, …; once for each file of the book
  --language TAG  of that recording, such as “en”, where its own tags don't say
  --seed N        which phrase to search for (default 1)
  --json          ends with the outcome as one line of JSON on standard output
  --data-dir DIR  where the stack keeps everything (default .data)
  --port N        where a stack that the demo starts listens (default 0, any free port)
  --providers sandbox
                  once with each of Rev.ai, OpenAI and Gemini, as a local server pretends them (npm run sandbox):
                  no key, no bill, and each time a stack of its own that is gone afterwards
  --url URL       a short video on Instagram, TikTok, YouTube, Facebook or X instead of a book
  --clip          the same with a platform that a local server plays, on a stack of its own`

/** Undefined when help was asked for. Paths that the user names are relative to where they are. */
export function parseOptions(
  args: readonly string[],
  { root, cwd }: { root: string; cwd: string },
): DemoOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  return {
    files: values.file.map((file) => path.resolve(cwd, file)),
    language: values.language,
    json: values.json,
    seed: wholeNumber('--seed', values.seed, { most: 0xffff_ffff }),
    dataDir:
      values['data-dir'] === undefined ? path.join(root, '.data') : path.resolve(cwd, values['data-dir']),
    port: wholeNumber('--port', values.port, { most: 65_535 }),
    providers: providersOf(values.providers),
    url: values.url,
    clip: values.clip,
  }
}

function providersOf(text: string | undefined): DemoOptions['providers'] {
  if (text === undefined) return 'configured'
  if (text === 'sandbox') return 'sandbox'
  throw new FatalError(
    'option-invalid',
    `--providers knows "sandbox" only, not "${text}"; without it the configured ones are used`,
  )
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: 'string', multiple: true, default: [] },
        language: { type: 'string' },
        json: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
        'data-dir': { type: 'string' },
        port: { type: 'string', default: '0' },
        providers: { type: 'string' },
        url: { type: 'string' },
        clip: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw new FatalError('option-invalid', `${(cause as Error).message}\n\n${USAGE}`, { cause })
  }
}
