import { createHash, randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Ears } from '../hearing/ears.ts'
import type { Heard } from '../hearing/heard.ts'
import { fetchMedia } from '../revai/fetch-media.ts'
import type { Answer, Ask } from '../server/wire.ts'
import type { GenerateRequest } from './contents.ts'
import { geminiError, invalidArgument } from './errors.ts'
import type { FileStore } from './files.ts'

export interface GivenSound {
  ears: Ears
  files: FileStore
  directory: string
}

type SoundFile = { path: string; sha256: string; isOurs: boolean }

/** The sound of a request, heard: in its bytes, by the Files API, or at an address. Undefined where there is none. */
export async function soundOf(
  request: GenerateRequest,
  { signal }: Ask,
  given: GivenSound,
): Promise<Heard | { refusal: Answer } | undefined> {
  const parts = request.contents.flatMap((content) => content.parts)
  const data = parts.find(({ inlineData }) => inlineData)?.inlineData
  const uri = parts.find(({ fileData }) => fileData)?.fileData?.fileUri
  if (!data && !uri) return undefined
  const file = data ? await inlined(data.data, given.directory) : await referred(uri ?? '', given, signal)
  if ('refusal' in file) return file
  try {
    const durationMs = await given.ears.durationMs(file.path, signal)
    if (durationMs === undefined) return { refusal: invalidArgument('Request contains an invalid argument.') }
    return await given.ears.hear({ ...file, durationMs }, { signal })
  } finally {
    if (!file.isOurs) await rm(file.path, { force: true })
  }
}

async function inlined(base64: string, directory: string): Promise<SoundFile> {
  const bytes = Buffer.from(base64, 'base64')
  const filePath = path.join(directory, randomUUID())
  await writeFile(filePath, bytes)
  return { path: filePath, sha256: createHash('sha256').update(bytes).digest('hex'), isOurs: false }
}

async function referred(
  uri: string,
  { files, directory }: GivenSound,
  signal: AbortSignal,
): Promise<SoundFile | { refusal: Answer }> {
  const name = /\/(files\/[^/?]+)$/.exec(uri)?.[1]
  const file = name ? files.get(name) : undefined
  if (file) {
    if (file.state === 'ACTIVE') return { path: file.path, sha256: file.sha256, isOurs: true }
    const message = `The File ${file.name.replace('files/', '')} is not in an ACTIVE state and usage is not allowed.`
    return { refusal: geminiError(400, 'FAILED_PRECONDITION', message) }
  }
  const fetched = name ? undefined : await fetchMedia({ url: uri }, { directory, signal })
  if (fetched) return { ...fetched, isOurs: false }
  const message = 'You do not have permission to access the File or it may not exist.'
  return { refusal: geminiError(403, 'PERMISSION_DENIED', message) }
}
