import { randomUUID } from 'node:crypto'
import { AnalyzeJob, DownloadJob, EmbedJob, TranscribeJob } from '@app/contracts'
import { insertMedia, replaceAiOutput, replaceTranscript } from '@app/db'
import { defineWorker, type RunContext, type Worker } from '@app/jobs'

const origin = { provider: 'stand-in', model: 'm1' }

interface DownloadPlay {
  /** What happens after the last stage. */
  during?: ((context: RunContext) => Promise<void>) | undefined
  coverKey?: string | undefined
  videoKey?: string | undefined
  objectKey?: string
}

/** Stands in for the services that do a clip's jobs: each writes its rows as they do, of one short recording. */
export function clipWorkers(play: DownloadPlay = {}): Worker<undefined>[] {
  return [downloads({ objectKey: 'k', ...play }), ...OTHERS]
}

function downloads({ during, ...keys }: DownloadPlay & { objectKey: string }): Worker<undefined> {
  return defineWorker(DownloadJob, {
    run: async ({ input }, _deps, context) => {
      for (const stage of ['downloading', 'extracting_audio', 'uploading']) await context.enter(stage)
      await during?.(context)
      const sha256 = randomUUID().replaceAll('-', '').repeat(2)
      const media = { sha256, sizeBytes: 4_321, durationMs: 2_500, inspection: {}, ...keys }
      return { source: { canonicalUrl: input.url, title: 'A cat' }, media }
    },
    save: async (trx, { input }, result) => {
      if (!('media' in result)) throw new Error('this one reuses nothing')
      const mediaId = (await insertMedia(trx, result.media)) ?? ''
      await trx
        .updateTable('clips')
        .set({ media_id: mediaId, title: 'A cat' })
        .where('id', '=', input.clipId)
        .execute()
      const chapter = { id: input.clipId, clip_id: input.clipId, media_id: mediaId }
      await trx
        .insertInto('chapters')
        .values({ ...chapter, position: 1, title: 'A cat', start_ms: 0, end_ms: 2_500, source: 'file' })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ media_id: mediaId }))
        .execute()
      await trx
        .insertInto('media_sources')
        .values({ canonical_url: input.url, media_id: mediaId })
        .onConflict((conflict) => conflict.column('canonical_url').doUpdateSet({ media_id: mediaId }))
        .execute()
      return { mediaId, reused: false, sizeBytes: 4_321, durationMs: 2_500 }
    },
  })
}

const OTHERS: Worker<undefined>[] = [
  defineWorker(TranscribeJob, {
    run: async () => {
      const words = [{ text: 'Meow', startMs: 100, endMs: 900 }]
      const segments = [{ startMs: 100, endMs: 900, text: 'Meow', words }]
      return { ...origin, language: 'en', durationMs: 2_500, segments }
    },
    save: async (trx, { input }, transcript) => {
      const transcriptId = await replaceTranscript(trx, input.chapterId, transcript)
      return { transcriptId, segmentCount: 1, wordCount: 1, ...origin }
    },
  }),
  defineWorker(AnalyzeJob, {
    run: async () => ({
      ...{ ...origin, summary: 'A cat says it.', topics: ['cats'] },
      ...{ sentiment: 'positive' as const, category: 'entertainment' as const },
    }),
    save: async (trx, { input }, { provider, model, promptVersion: _, ...content }) => {
      const subject = { subjectKind: 'chapter', subjectId: input.chapterId ?? '', kind: 'analysis' }
      const aiOutputId = await replaceAiOutput(trx, { ...subject, content, origin: { provider, model } })
      return { aiOutputId, provider, model }
    },
  }),
  defineWorker(EmbedJob, {
    run: async (_job, _deps, { enter }) => {
      await enter('storing')
      return { ...origin, dimensions: 3, chunks: [] }
    },
    save: async (trx, { input }) => {
      const row = { chapter_id: input.chapterId, ...origin, dimensions: 3, chunk_count: 1 }
      await trx.insertInto('embedded_chapters').values(row).execute()
      return { chunkCount: 1, dimensions: 3, ...origin }
    },
  }),
]
