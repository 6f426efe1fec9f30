import { spaceBetween, type Transcript } from '@app/contracts'
import { type Cue, planCues } from './plan-cues.ts'

export const TRANSCRIPT_FORMATS = ['json', 'txt', 'srt', 'vtt'] as const

/** How each format but JSON is written. */
export const TRANSCRIPT_WRITERS = {
  txt: { contentType: 'text/plain; charset=utf-8', write: transcriptToText },
  srt: { contentType: 'application/x-subrip; charset=utf-8', write: transcriptToSrt },
  vtt: { contentType: 'text/vtt; charset=utf-8', write: transcriptToVtt },
}

/** A pause this long starts a new paragraph. */
const PARAGRAPH_PAUSE_MS = 2000

/** Plain text for reading: paragraphs at long pauses and where the speaker changes; what looks made up stands in brackets. */
export function transcriptToText({ segments }: Pick<Transcript, 'segments'>): string {
  let text = ''
  let previous: Transcript['segments'][number] | undefined
  for (const segment of segments) {
    const line = cleaned(segment.text)
    if (line === '') continue
    const changed = segment.speaker !== undefined && segment.speaker !== previous?.speaker
    const paused = previous !== undefined && segment.startMs - previous.endMs >= PARAGRAPH_PAUSE_MS
    if (previous) text += changed || paused ? '\n\n' : spaceBetween(cleaned(previous.text), line)
    const shown = segment.doubtful === undefined ? line : `[doubtful: ${line}]`
    text += changed ? `${segment.speaker}: ${shown}` : shown
    previous = segment
  }
  return text === '' ? '' : `${text}\n`
}

/** SubRip has no specification; players agree on CRLF, `HH:MM:SS,mmm` and numbers from 1. */
export function transcriptToSrt({ segments }: Pick<Transcript, 'segments'>): string {
  const blocks = writtenCues(segments, srtLine).map(({ startMs, endMs, lines }, index) => {
    const times = `${clock(startMs, ',')} --> ${clock(endMs, ',')}`
    return [String(index + 1), times, ...lines, ''].join('\r\n')
  })
  return blocks.map((block) => `${block}\r\n`).join('')
}

/** WebVTT, https://www.w3.org/TR/webvtt1/ §4: the language is for readers only, players ignore the header. */
export function transcriptToVtt({ segments }: Pick<Transcript, 'segments'>): string {
  const blocks = writtenCues(segments, vttLine).map((cue) => {
    const times = `${clock(cue.startMs, '.')} --> ${clock(cue.endMs, '.')}`
    return `${times}\n${voice(cue)}${cue.lines.join('\n')}\n`
  })
  return ['WEBVTT\n', ...blocks].join('\n')
}

/** Without lines of which nothing is left: an empty one would end its cue. */
function writtenCues(segments: Transcript['segments'], write: (line: string) => string): Cue[] {
  return planCues(segments)
    .map((cue) => ({ ...cue, lines: cue.lines.map(write).filter((line) => line !== '') }))
    .filter(({ lines }) => lines.length > 0)
}

function voice({ speaker }: Cue): string {
  return speaker === undefined ? '' : `<v ${vttLine(speaker)}>`
}

/** Angle brackets and braces are formatting to players, whatever the speaker meant. */
function srtLine(text: string): string {
  return cleaned(text).replace(/[<>{}]/g, '')
}

/** Escaped, so that no text can end the cue (`-->`) or open a tag. */
function vttLine(text: string): string {
  return cleaned(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** Without control characters and line breaks: a blank line would end the cue. */
function cleaned(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
}

function clock(ms: number, decimal: ',' | '.'): string {
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  const seconds = Math.floor(ms / 1000)
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => pad(part))
    .join(':')
  return `${time}${decimal}${pad(ms % 1000, 3)}`
}
