import type { SpeechToText } from '../port.ts'
import { collectTranscript } from './collect-transcript.ts'
import { MOST_UPLOAD_BYTES } from './revai-client.ts'
import { PROVIDER, type RevAiDeps } from './revai-deps.ts'
import { submissionsOf } from './submissions.ts'
import { submitSound } from './submit-sound.ts'

/** 17 hours in English; 12 in other languages, of which one learns from the failed job. */
const MOST_DURATION_MS = 17 * 3_600_000

/**
 * Rev.ai, which transcribes while nobody waits: a run submits the sound and is put off, later ones ask what became of
 * it. What is paid for is never sent twice: the remote job's id is a checkpoint, and where that may have been lost, the
 * list of jobs is searched for ours before sound is sent again.
 */
export function revAiSpeech(deps: RevAiDeps): SpeechToText {
  return {
    provider: PROVIDER,
    model: deps.model,
    capabilities: {
      ...{ wordTimes: true, speakers: true, languages: 'any' },
      inputs: deps.share ? ['url', 'bytes'] : ['bytes'],
      formats: ['opus', 'flac', 'wav'],
      ...{ maxDurationMs: MOST_DURATION_MS, maxBytes: MOST_UPLOAD_BYTES, wholeRecordings: true },
    },
    async resume(asked) {
      const { number, submission } = await submissionsOf(asked.job).current()
      return submission && (await collectTranscript(deps, asked, { number, submission }))
    },
    async transcribe(sound, asked) {
      asked.signal.throwIfAborted()
      asked.onProgress(0)
      const submissions = submissionsOf(asked.job)
      const { number, failedBefore } = await submissions.current()
      const planned = { number, ...(failedBefore === undefined ? {} : { failedBefore }) }
      const submission = await submissions.submitted(number, () =>
        submitSound(deps, { sound, asked }, planned),
      )
      return await collectTranscript(deps, asked, { number, submission })
    },
  }
}
