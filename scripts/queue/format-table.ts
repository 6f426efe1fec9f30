const GAP = '  '
/** A last column narrower than this tells nothing: better a line that wraps. */
const LEAST_LAST_WIDTH = 24

export interface Column {
  title: string
  /** For numbers. */
  alignRight?: boolean
}

/**
 * Lines of a table whose columns are as wide as what stands in them. The last one is cut where the line would be
 * longer than `maxWidth`, which is the terminal's; where the output goes into a file, nothing is cut.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  maxWidth = Infinity,
): string[] {
  const titles = columns.map((column) => column.title)
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...rows].map((row) => (row[index] ?? '').length)),
  )
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
  const last = Math.max(maxWidth - before, LEAST_LAST_WIDTH)
  return [titles, ...rows].map((row) =>
    columns
      .map(({ alignRight }, index) => {
        const cell = row[index] ?? ''
        if (index === columns.length - 1 && !alignRight) return clip(cell, last)
        return alignRight ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)
      })
      .join(GAP)
      .trimEnd(),
  )
}

/** `40 s`, `12 min`, `3 h`, `5 d`: how long ago, to one unit. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 48 * 3_600) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** One line, whatever was in the text: an error's message may be a tool's whole output. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those of a tool's output must not reach the terminal.
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
