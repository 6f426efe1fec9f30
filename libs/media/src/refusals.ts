import { FatalError } from '@app/runtime'

/** Why a file is refused, for its sender. The error's own message adds what was found in its place. */
export const mediaRefusals = {
  'media-empty': 'The file is empty.',
  'media-unreadable': 'This is not a sound or video file, or it is damaged beyond reading.',
  'media-playlist': 'This is a playlist or script that points to other files. Upload the recording itself.',
  'media-no-audio': 'There is no sound in this file.',
  'media-undecodable': 'The sound in this file cannot be decoded.',
  'media-no-sound':
    'The file says how long it lasts, but the sound itself is missing. Was the copy cut short?',
  'media-too-short': 'There is less than a tenth of a second of sound in this file.',
} as const

export type MediaRefusal = keyof typeof mediaRefusals

/** Codes of files that aren't media at all (HTTP 415); the others are media we can't use (422). */
export const NOT_MEDIA: readonly MediaRefusal[] = ['media-unreadable', 'media-playlist', 'media-no-audio']

export function isMediaRefusal(code: string): code is MediaRefusal {
  return Object.hasOwn(mediaRefusals, code)
}

/** For sound that was accepted and now fails: the file changed, or its stream was never tried. */
export function undecodable(cause: Error): FatalError {
  return new FatalError('media-undecodable', 'The sound in this file cannot be decoded.', { cause })
}
