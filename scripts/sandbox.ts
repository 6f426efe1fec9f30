// `npm run sandbox`: a local OpenAI, Rev.ai and Gemini, to see Scriptorium work with providers before there is a key.
import { FatalError } from '@app/runtime'
import { startSandbox } from '@app/sandbox'
import { environmentOf } from './sandbox/environment.ts'
import { parseOptions, USAGE } from './sandbox/options.ts'

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  if (!options) return console.log(USAGE)
  const sandbox = await startSandbox({
    port: options.port,
    // Keys that stay the same, unless whoever started us waits for ours.
    ...(process.send
      ? {}
      : { keys: { openai: 'sandbox-openai', gemini: 'sandbox-gemini', revai: 'sandbox-revai' } }),
    revai: { finish: { afterMs: options.revaiSeconds * 1000 } },
  })
  const variables = environmentOf(sandbox)
  const stop = () => void sandbox.close().then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  // Who started us as a child is gone.
  process.once('disconnect', stop)
  process.send?.({ ready: { url: sandbox.url, variables } })
  if (process.send) return
  console.log(
    `OpenAI, Rev.ai and Gemini are pretended at ${sandbox.url}. For services that are to believe it:\n`,
  )
  for (const [name, value] of Object.entries(variables)) console.log(`  export ${name}=${value}`)
  console.log(
    `\nThen, for instance: TRANSCRIBE_PROVIDER=revai npm start\nWhat it was asked so far: ${sandbox.url}/requests`,
  )
}

try {
  await main()
} catch (error) {
  if (!(error instanceof FatalError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
