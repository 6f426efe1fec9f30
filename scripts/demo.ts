// `npm run demo`: an audiobook from the first word to the last search, or a clip, through the API as any client would go.
import path from 'node:path'
import { FatalError } from '@app/runtime'
import { ApiError } from './demo/client/api-error.ts'
import { runClip } from './demo/clip/run-clip.ts'
import { parseOptions, USAGE } from './demo/options.ts'
import { planComparison } from './demo/providers/plan-comparison.ts'
import { runRounds } from './demo/providers/run-rounds.ts'
import { isComplete, type Outcome, outcomeJson } from './demo/results/outcome.ts'
import { planReport } from './demo/results/plan-report.ts'
import { runDemo } from './demo/run-demo.ts'
import { colouredText, type Painted } from './demo/screen/painted.ts'
import { tellOn } from './demo/screen/tell.ts'
import { signalsAsAbort } from './demo/signals.ts'

const root = path.resolve(import.meta.dirname, '..')
const COLUMNS = 100

async function main(): Promise<void> {
  // npm moves to the project's folder and keeps the user's here.
  const options = parseOptions(process.argv.slice(2), { root, cwd: process.env.INIT_CWD ?? process.cwd() })
  if (!options) return console.log(USAGE)
  // Standard output is for the program that asked for JSON.
  const out = options.json ? process.stderr : process.stdout
  const tell = tellOn(out)
  if (options.url !== undefined || options.clip) {
    const clip = await runClip(options, { tell, signal: interrupted.signal })
    if (options.json) process.stdout.write(`${JSON.stringify(clip)}\n`)
    if (clip.status !== 'completed') process.exitCode = 1
    return
  }
  const show = (lines: readonly Painted[]) => {
    for (const line of lines) tell.say(colouredText(line, out))
  }
  const report = (result: Outcome) => show(planReport(result, out.columns ?? COLUMNS))
  const context = { tell, signal: interrupted.signal, report }
  const rounds = options.providers === 'sandbox' ? await runRounds(options, context) : []
  if (rounds.length > 0) show(planComparison(rounds))
  const outcome = rounds[0]?.outcome ?? (await runDemo(options, context))
  const byProvider = Object.fromEntries(rounds.map((round) => [round.speech, round.outcome]))
  if (options.json) process.stdout.write(`${outcomeJson(outcome, byProvider)}\n`)
  if (![outcome, ...Object.values(byProvider)].every(isComplete)) process.exitCode = 1
}

const interrupted = signalsAsAbort()
try {
  await main()
} catch (error) {
  // Called off by the user: what was given up halfway ends with us.
  if (interrupted.signal.aborted) process.exit(130)
  console.error(`\n${explained(error)}`)
  process.exitCode = 1
}

/** What users can act on stands in the message; a stack would only hide it. */
function explained(error: unknown): string {
  if (error instanceof FatalError || error instanceof ApiError) return error.message
  return error instanceof Error && error.stack ? error.stack : String(error)
}
