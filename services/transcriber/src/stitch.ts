import { StitchJob } from '@app/contracts'
import { forgetParts, partHeads, partSegments, replaceTranscriptFrom } from '@app/db'
import { defineWorker } from '@app/jobs'
import { FatalError } from '@app/runtime'
import { planHead, stitched } from './plan/plan-stitch.ts'

/** The parts of a long recording → its transcript. */
export const stitch = defineWorker(StitchJob, {
  // Nothing is slow here but the writing, which belongs in the completing transaction.
  run: async () => ({}),

  async save(trx, { input }) {
    const { transcribeId, chapterId, partCount } = input
    const heads = await partHeads(trx, transcribeId)
    if (heads.length !== partCount) {
      throw new FatalError('parts-missing', `${heads.length} of ${partCount} parts are there`)
    }
    const segments = stitched(heads, (index) => partSegments(trx, transcribeId, index))
    const head = planHead(heads, input)
    const { id, ...counts } = await replaceTranscriptFrom(trx, chapterId, head, segments)
    await forgetParts(trx, { transcribeId })
    return {
      transcriptId: id,
      ...counts,
      provider: head.provider,
      model: head.model,
      insteadOf: head.insteadOf,
    }
  },
})
