import { errorCode, RetryLaterError } from '@app/runtime'
import type { Heard, Sound, SpeechToText, TranscribeOptions } from '../speech/port.ts'

/** Hears the sound as a job's runs do, one after another: a later one asks for what an earlier one has sent. */
export async function hearToEnd(
  speech: SpeechToText,
  sound: Sound,
  options: TranscribeOptions,
): Promise<Heard> {
  for (;;) {
    try {
      return (await speech.resume?.(options)) ?? (await speech.transcribe(sound, options))
    } catch (error) {
      const isPending = error instanceof RetryLaterError && errorCode(error) === 'transcript-pending'
      if (!isPending) throw error
    }
  }
}
