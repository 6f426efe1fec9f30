import { FETCH_FAILURES } from '@app/contracts'

/** The failed job of a clip, as its row has it: for operators, causes and all. */
interface FailedJob {
  type: string
  error_code: string | null
  error_message: string | null
}

const FETCHED_SENTENCES: ReadonlySet<string> = new Set(FETCH_FAILURES)

/** By code; what else goes wrong is ours to know, and stands in the dead letter. */
const SENTENCES: Readonly<Record<string, string>> = {
  'language-not-supported': 'Speech in this language can not be transcribed here.',
  'content-refused': 'The provider refuses to work on what is said in this video.',
}
const BY_TYPE: Readonly<Record<string, string>> = {
  download: 'Something went wrong here while this video was fetched.',
  transcribe: 'This video could not be transcribed.',
  analyze: 'This video could not be analysed.',
  embed: 'This video could not be made searchable.',
}

/**
 * What the clip's owner, and webhooks, are told of it. A fetch's failure has its sentence; of others a code of ours and
 * what was being done: addresses, paths and statements in an error's text are nobody's but the operator's.
 */
export function clipFailure({ type, error_code, error_message }: FailedJob): {
  error_code: string
  error_message: string
} {
  const code = error_code ?? ''
  if (type === 'download' && FETCHED_SENTENCES.has(code) && error_message !== null) {
    return { error_code: code, error_message }
  }
  const isOurs = /^[a-z]+(?:-[a-z]+)+$/.test(code)
  return {
    error_code: isOurs ? code : 'internal',
    error_message: SENTENCES[code] ?? BY_TYPE[type] ?? 'Something went wrong here.',
  }
}
