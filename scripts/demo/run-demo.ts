import type { DemoOptions } from './options.ts'
import { checkFiles, prepareBook } from './prepare-book.ts'
import type { Outcome } from './results/outcome.ts'
import type { Tell } from './screen/tell.ts'
import { throughStack } from './through-stack.ts'
import { useStack } from './use-stack.ts'
import { workFolder } from './work-folder.ts'

export interface DemoContext {
  tell: Tell
  signal: AbortSignal
  report: (outcome: Outcome) => void
}

/** From nothing to a book's text: each step as a user of the API would take it. */
export async function runDemo(options: DemoOptions, { tell, signal, report }: DemoContext): Promise<Outcome> {
  await using folder = await workFolder()
  await checkFiles(options)
  await using running = await useStack({
    ...options,
    signal,
    onStart: () => tell.doing('Starting Scriptorium'),
  })
  tell.done(`Scriptorium at ${running.stack.api_url}${running.isOwn ? ', for this demo' : ''}`)
  const prepared = await prepareBook(options, { directory: folder.path, tell, signal })
  const afterwards = running.isOwn
    ? 'The book goes on at the next `npm start`.'
    : 'The book goes on without us.'
  const outcome = await throughStack({ ...running, afterwards }, prepared, {
    tell,
    signal,
    seed: options.seed,
  })
  report(outcome)
  return outcome
}
