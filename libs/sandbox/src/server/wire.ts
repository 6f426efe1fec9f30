/** Each thing that can be asked of a provider, by a name that faults and records use. */
export type RouteName =
  | 'openai.transcriptions'
  | 'openai.responses'
  | 'openai.chat'
  | 'openai.embeddings'
  | 'openai.models'
  | 'openai.model'
  | 'revai.submit'
  | 'revai.jobs'
  | 'revai.job'
  | 'revai.delete'
  | 'revai.transcript'
  | 'revai.captions'
  | 'revai.account'
  | 'gemini.generate'
  | 'gemini.count'
  | 'gemini.embed'
  | 'gemini.models'
  | 'gemini.model'
  | 'gemini.upload'
  | 'gemini.upload-chunk'
  | 'gemini.files'
  | 'gemini.file'
  | 'gemini.delete-file'

export type Provider = 'openai' | 'revai' | 'gemini'

/** A file of a multipart body, on this machine's disk until the answer is given. */
export interface ReceivedFile {
  field: string
  name: string
  contentType: string
  path: string
  sizeBytes: number
  sha256: string
}

export type Body =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown }
  | { kind: 'form'; fields: Record<string, string[]>; files: ReceivedFile[] }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'malformed'; reason: string }

/** A request that has been read to its end. */
export interface Ask {
  route: RouteName
  method: string
  /** Of the path, by the names its pattern gives them. */
  params: Record<string, string>
  query: URLSearchParams
  headers: Record<string, string>
  body: Body
  /** Where this provider is reached, without a slash at the end. */
  baseUrl: string
  /** Aborted when the client hangs up, or the sandbox closes. */
  signal: AbortSignal
}

/** What goes back: an object as JSON, a string or bytes as they are. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

export interface Route {
  name: RouteName
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** A URLPattern path below the provider's base. */
  path: string
  answer: (ask: Ask) => Answer | Promise<Answer>
}

/** One provider's wire format: where it lives, whom it lets in, and what it answers. */
export interface ProviderApi {
  name: Provider
  routes: Route[]
  /** The provider's own answer to a key that is missing or wrong. */
  refuse: (ask: Pick<Ask, 'headers' | 'query'>) => Answer | undefined
  /** On every answer, those of errors too. */
  headersOf?: (ask: Ask) => Record<string, string>
  notFound: (path: string) => Answer
  /** An answer to what went wrong in here. */
  broken: (message: string) => Answer
}
