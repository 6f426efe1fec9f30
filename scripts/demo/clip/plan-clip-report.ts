import type { ClipEvent, ClipResult } from '@app/contracts'

const WIDEST_LABEL = 11

/** What became of a clip, as lines: how long each stage took, and what there is of it. */
export function planClipReport(
  { status, result, error_message }: ClipResult,
  stages: ClipEvent['stages'],
): string[] {
  const line = (label: string, text: string) => `  ${label.padEnd(WIDEST_LABEL)} ${text}`
  const { transcript, analysis, embedding } = result
  const there = [
    ...(result.duration === null
      ? []
      : [line('Sound', `${result.duration.toFixed(1)} s  ${result.audio_url}`)]),
    ...(result.thumbnail_url === null ? [] : [line('Thumbnail', result.thumbnail_url)]),
    ...(transcript ? [line('Transcript', `“${transcript.text}”  (${transcript.language})`)] : []),
    ...(analysis
      ? [line('Summary', analysis.summary), line('Topics', analysis.topics.join(', ') || 'none')]
      : []),
    ...(embedding
      ? [line('Vectors', `${embedding.metadata.chunk_count} by ${embedding.metadata.model}`)]
      : []),
  ]
  const end = status === 'failed' ? ['', `  ✗ ${error_message}`] : []
  return ['', 'Stages', ...planStages(stages), '', 'Result', ...there, ...end]
}

function planStages(stages: ClipEvent['stages']): string[] {
  return stages.slice(0, -1).map(({ stage, at }, index) => {
    const seconds = (Date.parse(stages[index + 1]?.at ?? at) - Date.parse(at)) / 1000
    return `  ${stage.replaceAll('_', ' ').padEnd(22)} ${seconds.toFixed(1).padStart(5)} s`
  })
}
