import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runTool } from '@app/media'
import type { FileToSend } from '../client/api-client.ts'
import type { BookText } from '../text.ts'
import { planMetadata } from './plan-metadata.ts'
import { readAloud, SAMPLE_RATE, type SpokenLine, type SpokenPassage } from './read-aloud.ts'

const TIMEOUT_MS = 120_000
const RAW = ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1']
const AAC = ['-c:a', 'aac', '-b:a', '64k']

/** A book on disk, and all that is true of it. */
export interface MadeBook {
  title: string
  author: string
  files: FileToSend[]
  chapters: MadeChapter[]
}

export interface MadeChapter {
  title: string
  /** What is said, word for word. */
  text: string
  durationMs: number
  lines: readonly SpokenLine[]
}

interface MakeOptions {
  /** The caller's, who removes it. */
  directory: string
  /** One M4B with chapters inside, as shops sell them, or a file for each chapter. */
  as?: 'm4b' | 'files'
  signal?: AbortSignal | undefined
}

/** Reads a text aloud with a speech synthesizer and binds it as an audiobook. */
export async function makeBook(
  text: BookText,
  { directory, as = 'm4b', signal }: MakeOptions,
): Promise<MadeBook> {
  const chapters: SpokenPassage[] = []
  for (const passage of text.chapters) chapters.push(await readAloud(passage, { directory, signal }))
  const files =
    as === 'm4b'
      ? [await bindM4b(text, chapters, directory, signal)]
      : await Promise.all(
          chapters.map((chapter, index) => bindChapter(chapter, index + 1, directory, signal)),
        )
  return {
    title: text.title,
    author: text.author,
    files,
    chapters: chapters.map(({ title, lines, durationMs, spoken }) => ({
      title,
      text: lines.join(' '),
      durationMs,
      lines: spoken,
    })),
  }
}

async function bindM4b(
  text: BookText,
  chapters: readonly SpokenPassage[],
  directory: string,
  signal: AbortSignal | undefined,
): Promise<FileToSend> {
  await writeFile(path.join(directory, 'book.pcm'), Buffer.concat(chapters.map(({ samples }) => samples)))
  await writeFile(path.join(directory, 'book.txt'), planMetadata(text, chapters))
  const inputs = [...RAW, '-i', 'book.pcm', '-f', 'ffmetadata', '-i', 'book.txt']
  const tags = ['-map', '0:a', '-map_metadata', '1', '-map_chapters', '1']
  await encode([...inputs, ...tags, ...AAC, '-f', 'mp4', 'book.m4b'], directory, signal)
  return { path: path.join(directory, 'book.m4b'), name: `${text.title}.m4b` }
}

async function bindChapter(
  { title, samples }: SpokenPassage,
  position: number,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<FileToSend> {
  const name = `${position}.m4a`
  await writeFile(path.join(directory, `${position}.pcm`), samples)
  await encode([...RAW, '-i', `${position}.pcm`, ...AAC, name], directory, signal)
  return { path: path.join(directory, name), title, position }
}

async function encode(args: readonly string[], cwd: string, signal: AbortSignal | undefined): Promise<void> {
  await runTool({
    command: 'ffmpeg',
    args: ['-nostdin', '-v', 'error', '-y', ...args],
    cwd,
    timeoutMs: TIMEOUT_MS,
    signal,
  })
}
