import { ProviderAnswerError, type ProviderCall, type ProviderCalls } from '@app/providers'
import { abortableDelay } from '@app/runtime'
import type { GoogleGenAI, File as RemoteFile } from '@google/genai'
import { CONTENT_TYPES } from '../content-types.ts'
import type { Sound } from '../port.ts'

interface Uploading {
  calls: ProviderCalls
  call: ProviderCall
  /** A client all of whose requests end with the signal. */
  clientFor: (signal: AbortSignal) => GoogleGenAI
  /** How often a file is looked at that is still being read. */
  pollMs: number
}

const REMOVAL_MS = 10_000

/** Sends the sound, lets `work` use it once it may be used, and removes it again, whatever became of the work. */
export async function withUploadedSound<T>(
  sound: Sound,
  { calls, call, clientFor, pollMs }: Uploading,
  work: (uri: string) => Promise<T>,
): Promise<T> {
  let name: string | undefined
  try {
    const uri = await calls.run({ ...call, operation: 'upload-sound' }, async (signal) => {
      const client = clientFor(signal)
      const file = await client.files.upload({
        file: sound.path,
        config: { mimeType: CONTENT_TYPES[sound.format] },
      })
      name = file.name
      return { value: await whenActive(client, file, { signal, pollMs }) }
    })
    return await work(uri)
  } finally {
    if (name !== undefined) await remove(clientFor, name)
  }
}

/** The file's address. Used before it is ACTIVE, it would be refused. */
async function whenActive(
  client: GoogleGenAI,
  uploaded: RemoteFile,
  { signal, pollMs }: { signal: AbortSignal; pollMs: number },
): Promise<string> {
  let file = uploaded
  while (file.state === 'PROCESSING' || file.state === 'STATE_UNSPECIFIED') {
    await abortableDelay(pollMs, signal)
    file = await client.files.get({ name: uploaded.name ?? '', config: { abortSignal: signal } })
  }
  if (file.state === 'ACTIVE' && file.uri) return file.uri
  const sentence = 'Gemini can not read the recording.'
  throw new ProviderAnswerError({ kind: 'fatal', code: 'audio-format-refused', sentence })
}

/** Google forgets files after two days, so that what fails here is no matter; a run that was stopped cleans up as well. */
async function remove(clientFor: Uploading['clientFor'], name: string): Promise<void> {
  const signal = AbortSignal.timeout(REMOVAL_MS)
  await clientFor(signal)
    .files.delete({ name, config: { abortSignal: signal } })
    .catch(() => {})
}
