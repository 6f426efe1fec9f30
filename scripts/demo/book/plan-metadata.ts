/** Tags and chapters as ffmpeg takes them: https://ffmpeg.org/ffmpeg-formats.html#Metadata-2 */
export function planMetadata(
  { title, author }: { title: string; author: string },
  chapters: readonly { title: string; durationMs: number }[],
): string {
  const lines = [';FFMETADATA1', `title=${escaped(title)}`, `artist=${escaped(author)}`, 'genre=Audiobook']
  let startMs = 0
  for (const chapter of chapters) {
    const endMs = startMs + chapter.durationMs
    lines.push(
      '[CHAPTER]',
      'TIMEBASE=1/1000',
      `START=${startMs}`,
      `END=${endMs}`,
      `title=${escaped(chapter.title)}`,
    )
    startMs = endMs
  }
  return `${lines.join('\n')}\n`
}

function escaped(value: string): string {
  return value.replace(/[=;#\\\n]/g, '\\$&')
}
