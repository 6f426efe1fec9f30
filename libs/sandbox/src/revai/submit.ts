import { randomBytes, randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import type { Answer, Ask, ReceivedFile } from '../server/wire.ts'
import { type RevaiJob, shownJob } from './jobs.ts'
import { badParameters, missingSource, problem } from './problems.ts'
import { SubmitOptions } from './submit-options.ts'

/** What a submit leads to: a job with its media, or Rev.ai's refusal. */
export type Submitted =
  | { job: RevaiJob; media: { path: string; sha256: string } | undefined }
  | { refusal: Answer }

/** `POST /jobs` with an address in JSON, or with media and options in a form. */
export async function submitted({ body }: Ask, directory: string): Promise<Submitted> {
  const media = body.kind === 'form' ? body.files.find(({ field }) => field === 'media') : undefined
  const json =
    body.kind === 'form'
      ? parsedOptions(body.fields.options?.[0])
      : body.kind === 'json'
        ? body.value
        : undefined
  if (json === undefined) return { refusal: problem(400, 'The request could not be read') }
  const options = SubmitOptions.safeParse(json)
  if (!options.success) return { refusal: badParameters(options.error) }
  if (!media && !options.data.source_config && !options.data.media_url) return { refusal: missingSource() }
  const job: RevaiJob = {
    id: randomBytes(9).toString('base64url'),
    ...{ status: 'in_progress', createdOn: new Date(), name: media?.name, options: options.data },
  }
  return { job, media: media && (await kept(media, directory)) }
}

/** The answer to a submit that was taken. */
export function submitAnswer(job: RevaiJob): Answer {
  return { status: 200, body: shownJob(job) }
}

function parsedOptions(text: string | undefined): unknown {
  if (text === undefined) return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function kept({ path: from, sha256 }: ReceivedFile, directory: string) {
  const to = path.join(directory, `media-${randomUUID()}`)
  await rename(from, to)
  return { path: to, sha256 }
}
