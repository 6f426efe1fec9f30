import type { Answer, Ask, ProviderApi, Route } from '../server/wire.ts'
import { captions } from '../writing/captions.ts'
import { type JobStore, jobStore, type RevaiFailure, type RevaiJob, shownJob } from './jobs.ts'
import { noSuchJob, problem, wrongState } from './problems.ts'
import { submitAnswer, submitted } from './submit.ts'
import { transcriptJson, transcriptText } from './transcript.ts'
import type { Notification } from './webhook.ts'
import { type RevaiWork, startJob } from './work.ts'

export interface RevaiOptions extends Omit<RevaiWork, 'onPosted'> {
  key: string
  balanceSeconds: number
}

/** Rev.ai's side of a test: its jobs, and when they end. */
export interface RevaiControl {
  /** As Rev.ai shows them, the oldest first. */
  jobs: () => Record<string, unknown>[]
  /** Ends a job (all that wait, without an id), and answers once its webhook has been taken. */
  finish: (id?: string) => Promise<void>
  fail: (id: string, failure: RevaiFailure) => Promise<void>
  /** Posted so far. */
  notifications: readonly Notification[]
  /** What the account says is left. */
  setBalance: (seconds: number) => void
}

const TRANSCRIPT_JSON = 'application/vnd.rev.transcript.v1.0+json'
const DEFAULT_PAGE = 100
const MAX_PAGE = 1000

/** Rev.ai below `/speechtotext/v1`. */
export function revaiApi(options: RevaiOptions): { api: ProviderApi; control: RevaiControl } {
  const store = jobStore()
  const running = new Map<string, ReturnType<typeof startJob>>()
  const notifications: Notification[] = []
  let balanceSeconds = options.balanceSeconds

  const submit = async (ask: Ask): Promise<Answer> => {
    const taken = await submitted(ask, options.directory)
    if ('refusal' in taken) return taken.refusal
    store.add(taken.job)
    const work = { ...options, onPosted: (posted: Notification) => void notifications.push(posted) }
    running.set(taken.job.id, startJob(taken.job, taken.media, work))
    return submitAnswer(taken.job)
  }
  const account = () => ({
    status: 200,
    body: { email: 'sandbox@example.com', balance_seconds: balanceSeconds },
  })
  const end = async (id: string, failure?: RevaiFailure) => {
    const job = running.get(id)
    if (!job) throw new Error(`Rev.ai has no job ${id}`)
    job.finish(failure)
    await job.over
  }
  return {
    api: { ...wire(options.key), routes: [...postRoutes({ submit, account }), ...jobRoutes(store)] },
    control: {
      jobs: () => store.all().map(shownJob),
      finish: async (id) =>
        void (await Promise.all((id ? [id] : [...running.keys()]).map((each) => end(each)))),
      fail: end,
      notifications,
      setBalance: (seconds) => {
        balanceSeconds = seconds
      },
    },
  }
}

function wire(key: string): Omit<ProviderApi, 'routes'> {
  const denied = problem(401, 'Authorization has been denied for this request')
  return {
    name: 'revai',
    refuse: ({ headers }) => (headers.authorization === `Bearer ${key}` ? undefined : denied),
    notFound: () => problem(404, 'Not Found'),
    broken: (message) => problem(500, 'Internal Server Error', { detail: message }),
  }
}

function postRoutes({ submit, account }: { submit: Route['answer']; account: Route['answer'] }): Route[] {
  return [
    { name: 'revai.submit', method: 'POST', path: '/speechtotext/v1/jobs', answer: submit },
    { name: 'revai.account', method: 'GET', path: '/speechtotext/v1/account', answer: account },
  ]
}

function jobRoutes(store: JobStore): Route[] {
  const path = '/speechtotext/v1/jobs/:id'
  const ofJob = (answer: (job: RevaiJob, ask: Ask) => Answer) => (ask: Ask) => {
    const job = store.get(ask.params.id ?? '')
    return job ? answer(job, ask) : noSuchJob()
  }
  const deleted = (job: RevaiJob): Answer => {
    if (job.status === 'in_progress') return wrongState(job.status, ['transcribed', 'failed'], 'be deleted')
    store.remove(job.id)
    return { status: 204 }
  }
  const listed = ({ query }: Ask) => ({ status: 200, body: store.page(...pageOf(query)).map(shownJob) })
  const shown = (job: RevaiJob) => ({ status: 200, body: shownJob(job) })
  return [
    { name: 'revai.jobs', method: 'GET', path: '/speechtotext/v1/jobs', answer: listed },
    { name: 'revai.job', method: 'GET', path, answer: ofJob(shown) },
    { name: 'revai.delete', method: 'DELETE', path, answer: ofJob(deleted) },
    { name: 'revai.transcript', method: 'GET', path: `${path}/transcript`, answer: ofJob(transcript) },
    { name: 'revai.captions', method: 'GET', path: `${path}/captions`, answer: ofJob(captionsOf) },
  ]
}

function pageOf(query: URLSearchParams): [number, string | undefined] {
  const limit = Number(query.get('limit') ?? DEFAULT_PAGE)
  return [Math.min(MAX_PAGE, Math.max(1, limit)), query.get('starting_after') ?? undefined]
}

function transcript({ status, heard }: RevaiJob, { headers }: Ask): Answer {
  if (status !== 'transcribed' || !heard) return wrongState(status, ['transcribed'], 'obtain the transcript')
  if (headers.accept?.includes('text/plain'))
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: transcriptText(heard) }
  return { status: 200, headers: { 'content-type': TRANSCRIPT_JSON }, body: transcriptJson(heard) }
}

function captionsOf({ status, heard }: RevaiJob, { headers }: Ask): Answer {
  if (status !== 'transcribed' || !heard) return wrongState(status, ['transcribed'], 'obtain the captions')
  const isVtt = headers.accept?.includes('text/vtt')
  const type = isVtt ? 'text/vtt' : 'application/x-subrip'
  return {
    status: 200,
    headers: { 'content-type': type },
    body: captions(heard.words, isVtt ? 'vtt' : 'srt'),
  }
}
