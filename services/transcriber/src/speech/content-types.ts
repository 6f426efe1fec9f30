import type { SoundFormat } from '../plan/plan-sound-format.ts'

/** As providers know them. */
export const CONTENT_TYPES: Readonly<Record<SoundFormat, string>> = {
  wav: 'audio/wav',
  flac: 'audio/flac',
  opus: 'audio/ogg',
}
