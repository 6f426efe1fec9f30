import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AudiobookJobs } from '@app/contracts'
import { hasFlite } from '@app/media'
import { FatalError } from '@app/runtime'
import { makeBook } from './book/make-book.ts'
import { type ApiClient, apiClient } from './client/api-client.ts'
import { followBook } from './client/follow-book.ts'
import { type BookToSend, sendBook } from './client/send-book.ts'
import type { DemoOptions } from './options.ts'
import { collectOutcome } from './results/collect-outcome.ts'
import { durationText } from './results/durations.ts'
import type { Outcome } from './results/outcome.ts'
import { openScreen } from './screen/screen.ts'
import type { Tell } from './screen/tell.ts'
import { DEMO_TEXT } from './text.ts'
import { useStack } from './use-stack.ts'

interface DemoContext {
  tell: Tell
  signal: AbortSignal
}

/** From nothing to a book's text: each step as a user of the API would take it. */
export async function runDemo(
  options: DemoOptions,
  { tell, signal, report }: DemoContext & { report: (outcome: Outcome) => void },
): Promise<Outcome> {
  await using folder = await workFolder()
  await checkFiles(options.files)
  await using running = await useStack({
    ...options,
    signal,
    onStart: () => tell.doing('Starting Scriptorium'),
  })
  const { stack, isOwn } = running
  tell.done(`Scriptorium at ${stack.api_url}${isOwn ? ', for this demo' : ''}`)

  const made = options.files.length > 0 ? undefined : await readTextAloud(folder.path, { tell, signal })
  const api = apiClient({ url: stack.api_url, token: stack.admin_token }, { signal })
  const startedAtMs = performance.now()
  const book = made ? { files: made.files } : ownRecording(options)
  const created = await send(api, book, { tell, signal })
  const jobs = await watch(api, created.audiobook_id, { tell, signal }).finally(() => {
    if (signal.aborted)
      tell.say(isOwn ? 'The book goes on at the next `npm start`.' : 'The book goes on without us.')
  })

  const seconds = (performance.now() - startedAtMs) / 1000
  const outcome = await collectOutcome(api, { jobs, seconds, seed: options.seed, made: made?.chapters })
  report(outcome)
  return outcome
}

async function workFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'scriptorium-demo-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Before anything is started: these are mistakes that the user can mend at once. */
async function checkFiles(files: readonly string[]): Promise<void> {
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) throw new FatalError('file-not-found', `There is no file ${missing}`)
  if (files.length > 0 || (await hasFlite())) return
  throw new FatalError(
    'synthesizer-missing',
    'The demo has its book read aloud by ffmpeg’s speech synthesizer, and this ffmpeg was built without one (flite).\n' +
      'Give it a recording of your own instead: npm run demo -- --file BOOK.m4b',
  )
}

async function readTextAloud(directory: string, { tell, signal }: DemoContext) {
  tell.doing('Having three first pages read aloud')
  const book = await makeBook(DEMO_TEXT, { directory, signal })
  const durationMs = book.chapters.reduce((sum, chapter) => sum + chapter.durationMs, 0)
  tell.done(`“${book.title}”, ${book.chapters.length} chapters, ${durationText(durationMs)}`)
  return book
}

function ownRecording({ files, language }: DemoOptions): BookToSend {
  const title = path.parse(files[0] ?? '').name
  return { files: files.map((file) => ({ path: file })), language, fallback: { title, author: 'Unknown' } }
}

async function send(api: ApiClient, book: BookToSend, { tell, signal }: DemoContext) {
  tell.doing('Sending it')
  const created = await sendBook(api, book, {
    signal,
    onPercent: (percent) => tell.doing(`Sending it: ${Math.floor(percent)} %`),
    onWarning: (name, warning) => tell.say(`  ! ${name}: ${warning.replaceAll('-', ' ')}`),
  })
  tell.done(`Sent; ${created.total_jobs} jobs`)
  return created
}

async function watch(
  api: ApiClient,
  audiobookId: string,
  { tell, signal }: DemoContext,
): Promise<AudiobookJobs> {
  const screen = openScreen(tell.out)
  let last: AudiobookJobs | undefined
  tell.say('')
  try {
    for await (const view of followBook(api, audiobookId, { signal })) {
      last = view
      screen.show(view)
    }
  } finally {
    screen.close()
  }
  if (!last) throw new FatalError('book-without-jobs', 'the API told nothing about the book')
  return last
}
