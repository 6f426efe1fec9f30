import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileAt, type SiteFile } from './files.ts'
import { createMetadata, type MetadataControl } from './metadata.ts'
import { makeRecording, type Recording, SAID } from './recording.ts'
import { type Pause, serveFile } from './serve-file.ts'
import { writeYtdlpProgram } from './ytdlp-program.ts'

export interface SitesOptions {
  /** What is said in every video. */
  says?: string
  /** The real one. Default: `yt-dlp`. */
  ytdlp?: string
}

/** A request as it came. */
export interface SiteRequest {
  method: string
  /** With its query. */
  path: string
  headers: IncomingMessage['headers']
  /** Of the answer. */
  status?: number
}

/** What the next request of a path gets on top of what stands there. */
export interface PlannedFile extends Partial<SiteFile> {
  /** Without a query. */
  path: string
  pause?: Omit<Pause, 'reached'>
}

/** Local sites that play the platforms, and a yt-dlp that finds the platforms there. */
export interface Sites extends AsyncDisposable, MetadataControl {
  url: string
  /** What `YTDLP_PATH` is to be. */
  ytdlpProgram: string
  recording: Recording
  /** In the order of their coming. */
  requests: readonly SiteRequest[]
  /** How many bodies below a path were begun: answers 200 and 206 to GET. */
  served: (below: string) => number
  /** Something else at a path, from now on. */
  put: (at: string, file: SiteFile) => void
  /** For one request of a path; resolves when that has come, and with a pause once that is reached. */
  next: (plan: PlannedFile) => Promise<SiteRequest>
  close: () => Promise<void>
}

interface Planned {
  plan: PlannedFile
  met: (request: SiteRequest) => void
}

/** Starts them; needs an ffmpeg that has flite. They live until closed, or until the scope of `await using` ends. */
export async function startSites({ says = SAID, ytdlp = 'yt-dlp' }: SitesOptions = {}): Promise<Sites> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sites-'))
  const recording = await makeRecording(directory, says)
  const server = createServer()
  const url = await listening(server)
  const metadata = createMetadata(url, recording)
  const files = createFiles(url, recording)
  server.on('request', (request, response) => {
    const isCall = request.url === '/yt-dlp' && request.method === 'POST'
    const answered = isCall ? answerCall(request, response, metadata.answer) : files.answer(request, response)
    answered.catch(() => response.destroy())
  })
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true, force: true })
  }
  return {
    ...{ url, recording, ...metadata.control, ...files.control },
    ytdlpProgram: await writeYtdlpProgram(directory, { siteUrl: url, ytdlp }),
    ...{ close, [Symbol.asyncDispose]: close },
  }
}

function createFiles(siteUrl: string, recording: Recording) {
  const requests: SiteRequest[] = []
  const placed = new Map<string, SiteFile>()
  const planned: Planned[] = []
  const isBody = ({ method, status }: SiteRequest) => method === 'GET' && (status === 200 || status === 206)
  const control = {
    requests,
    served: (below: string) => requests.filter((it) => it.path.startsWith(below) && isBody(it)).length,
    put: (at: string, file: SiteFile) => void placed.set(at, file),
    next: (plan: PlannedFile) => new Promise<SiteRequest>((met) => void planned.push({ plan, met })),
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', siteUrl)
    const record: SiteRequest = {
      ...{ method: request.method ?? 'GET', path: url.pathname + url.search, headers: request.headers },
    }
    requests.push(record)
    const at = planned.findIndex(({ plan }) => plan.path === url.pathname)
    const [{ plan, met } = {}] = at < 0 ? [] : planned.splice(at, 1)
    const standing = placed.get(url.pathname) ?? fileAt(url, recording) ?? NOTHING_HERE
    const { path: _path, pause, ...instead } = plan ?? { path: '' }
    const sending = serveFile(request, response, {
      file: { ...standing, ...instead },
      ...(pause ? { pause: { ...pause, reached: () => met?.(record) } } : {}),
    })
    record.status = response.statusCode
    if (!pause) met?.(record)
    await sending
  }
  return { control, answer }
}

const NOTHING_HERE: SiteFile = { type: 'text/plain', body: Buffer.from('nothing here'), status: 404 }

async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (args: readonly string[]) => unknown,
): Promise<void> {
  const args = JSON.parse(await text(request)) as string[]
  response.end(JSON.stringify(answer(args)))
}

async function listening(server: Server): Promise<string> {
  server.listen({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
