import type { Segment, Transcript } from '@app/contracts'
import { type Db, inTransaction, replaceEmbedding, replaceTranscript } from '@app/db'
import { lexicalEmbeddings } from '@app/language'

const WORD_MS = 400

/** A transcript in which each word takes 0.4 s; a segment per line, the next one second after it. */
export function spoken(lines: readonly string[], language = 'en'): Transcript {
  let atMs = 0
  const segments = lines.map((text): Segment => {
    const words = text.split(' ').map((word) => {
      const startMs = atMs
      atMs += WORD_MS
      return { text: word, startMs, endMs: atMs }
    })
    const segment = { startMs: words[0]?.startMs ?? 0, endMs: atMs, text, words }
    atMs += 1_000
    return segment
  })
  return { language, provider: 'local', model: 'test', durationMs: atMs, segments }
}

/** Stores what was said as the transcriber and the embedder do, one passage a segment. */
export async function saySo(db: Db, chapterId: string, transcript: Transcript): Promise<void> {
  const { provider, model, dimensions, embedTexts } = lexicalEmbeddings()
  const { segments } = transcript
  const signal = new AbortController().signal
  const texts = segments.map((segment) => segment.text)
  const vectors = await embedTexts(texts, { signal, purpose: 'document' })
  const chunks = segments.map(({ startMs, endMs, text }, index) => {
    return { index, startMs, endMs, text, vector: vectors[index] ?? [] }
  })
  await inTransaction(db, async (trx) => {
    await replaceTranscript(trx, chapterId, transcript)
    await replaceEmbedding(trx, chapterId, { provider, model, dimensions, chunks })
  })
}
