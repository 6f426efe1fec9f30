import { Transcript } from '@app/contracts'
import type { StoredMedia } from '@app/db'
import type { RunContext } from '@app/jobs'
import { storedProbe } from '@app/media'
import type { AnswerCache } from '@app/providers'
import type { z } from 'zod'
import type { SpeechToText, TranscribeOptions } from './speech/port.ts'
import { settingsOf, unbilled } from './speech/with-cache.ts'

/**
 * To be raised with every change to what is made of a recording before and after it is heard: the same words no longer
 * hold.
 */
const VERSION = 4

interface Asked {
  speech: SpeechToText
  media: StoredMedia
  stretch: { startMs?: number | undefined; endMs?: number | undefined }
  options: Pick<TranscribeOptions, 'language' | 'vocabulary'> & Pick<RunContext, 'report'>
}

/**
 * What was heard in the same stretch of the same content before, while the cache remembers, or else what is heard now. Known
 * words cost no sound: nothing is fetched, and nothing cut out. The same sound in another file is found by `withCache`.
 */
export async function heardBefore<Heard extends Transcript & { parts?: unknown }>(
  cache: AnswerCache,
  { speech, media, stretch, options }: Asked,
  hear: () => Promise<Heard>,
): Promise<Heard> {
  const stream = storedProbe(media.inspection)?.audioStreamIndex ?? null
  const { startMs = 0, endMs = null } = stretch
  const heardBy = [speech.provider, speech.model, settingsOf(speech, options)]
  let isNew = false
  const heard = await cache.cached<Heard>(
    {
      kind: 'stretch',
      key: [VERSION, media.sha256, stream, startMs, endMs, ...heardBy],
      schema: Transcript as unknown as z.ZodType<Heard>,
      // Neither what is still to be heard, nor what another one heard while this one could not.
      isKept: ({ parts, insteadOf }) => parts === undefined && insteadOf === undefined,
    },
    () => {
      isNew = true
      return hear()
    },
  )
  if (isNew) return heard
  options.report(1, 'transcribing')
  return unbilled(heard)
}
