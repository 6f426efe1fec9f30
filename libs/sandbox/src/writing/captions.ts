import type { Word } from '@app/contracts'
import { phrasesOf, textOf } from '../hearing/heard.ts'

/** Subtitles, a cue for each phrase. */
export function captions(words: readonly Word[], format: 'srt' | 'vtt'): string {
  const cues = phrasesOf(words).map((phrase, index) => {
    const times = [phrase[0]?.startMs ?? 0, phrase.at(-1)?.endMs ?? 0].map((ms) => clock(ms, format))
    return `${format === 'srt' ? `${index + 1}\n` : ''}${times.join(' --> ')}\n${textOf(phrase)}\n`
  })
  return `${format === 'vtt' ? 'WEBVTT\n\n' : ''}${cues.join('\n')}`
}

function clock(ms: number, format: 'srt' | 'vtt'): string {
  const parts = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60]
  const [hours, minutes, seconds] = parts.map((part) => String(part).padStart(2, '0'))
  return `${hours}:${minutes}:${seconds}${format === 'srt' ? ',' : '.'}${String(ms % 1000).padStart(3, '0')}`
}
