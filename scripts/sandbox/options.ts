import { parseArgs } from 'node:util'
import { FatalError, wholeNumber } from '@app/runtime'

export interface SandboxCommand {
  /** 0 chooses a free one. */
  port: number
  /** After which a job of Rev.ai's is done, at the earliest. */
  revaiSeconds: number
}

export const USAGE = `npm run sandbox -- [options]

A local OpenAI, Rev.ai and Gemini: real wire formats, real recordings read by PocketSphinx, no key and no bill.
Prints the variables that make services use it, and runs until Ctrl-C.

  --port N           where it listens (default 4010; 0 for any free port)
  --revai-seconds N  what Rev.ai takes for a recording, beside hearing it (default 2)`

/** Undefined when help was asked for. */
export function parseOptions(args: readonly string[]): SandboxCommand | undefined {
  const values = parse(args)
  if (values.help) return undefined
  return {
    port: wholeNumber('--port', values.port, { most: 65_535 }),
    revaiSeconds: wholeNumber('--revai-seconds', values['revai-seconds'], { most: 86_400 }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '4010' },
        'revai-seconds': { type: 'string', default: '2' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw new FatalError('option-invalid', `${(cause as Error).message}\n\n${USAGE}`, { cause })
  }
}
