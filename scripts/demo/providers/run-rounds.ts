import path from 'node:path'
import { FatalError } from '@app/runtime'
import type { DemoOptions } from '../options.ts'
import { checkFiles, type PreparedBook, prepareBook } from '../prepare-book.ts'
import type { DemoContext } from '../run-demo.ts'
import { throughStack } from '../through-stack.ts'
import { useStack } from '../use-stack.ts'
import { workFolder } from '../work-folder.ts'
import { planVariables, ROUNDS, type Round, type RoundOutcome, strangersOf } from './rounds.ts'
import { startSandboxChild } from './start-sandbox.ts'

/** The whole demo once for each speech provider, on a stack of its own, all against the sandbox. */
export async function runRounds(options: DemoOptions, context: DemoContext): Promise<RoundOutcome[]> {
  const { tell, signal } = context
  await using folder = await workFolder()
  await checkFiles(options)
  await using sandbox = await startSandboxChild()
  tell.done(`OpenAI, Rev.ai and Gemini, pretended at ${sandbox.url}`)
  const prepared = await prepareBook(options, { directory: folder.path, tell, signal })
  const outcomes: RoundOutcome[] = []
  for (const round of ROUNDS) {
    const variables = planVariables(round, sandbox.variables)
    const dataDir = path.join(folder.path, round.speech)
    outcomes.push(await runRound(round, { ...options, dataDir, variables }, { ...context, prepared }))
  }
  const asked = Object.entries(await sandbox.requests()).map(([route, count]) => `${route} ${count}`)
  tell.say(`\nThe sandbox was asked: ${asked.join(', ')}`)
  return outcomes
}

async function runRound(
  round: Round,
  options: DemoOptions & { variables: Record<string, string> },
  { tell, signal, report, prepared }: DemoContext & { prepared: PreparedBook },
): Promise<RoundOutcome> {
  tell.say('')
  await using running = await useStack({
    ...{ dataDir: options.dataDir, port: 0, env: options.variables, signal },
    onStart: () =>
      tell.doing(`Starting Scriptorium with speech by ${round.speech}, language by ${round.language}`),
  })
  tell.done(`Scriptorium with speech by ${round.speech}, language and vectors by ${round.language}`)
  const outcome = await throughStack(
    { ...running, afterwards: 'The book is gone with its stack.' },
    prepared,
    { tell, signal, seed: options.seed },
  )
  report(outcome)
  const strangers = strangersOf({ ...round, outcome })
  if (strangers.length === 0) return { ...round, outcome }
  throw new FatalError('other-provider', `With speech by ${round.speech} there was ${strangers.join(', ')}.`)
}
