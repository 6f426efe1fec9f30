import type { AudiobookJobs } from '@app/contracts'
import { colouredText, type Painted } from './painted.ts'
import { planBars } from './plan-bars.ts'
import { planNews } from './plan-news.ts'

/** Where the user sees how a book's jobs go. */
export interface Screen {
  show(view: AudiobookJobs): void
  /** Leaves the last state standing. */
  close(): void
}

const CLOCK_MS = 500
/** Bars that would wrap can't be redrawn. */
const FEWEST_COLUMNS = 60

/** Bars that are redrawn on a terminal; elsewhere a line when something has changed. */
export function openScreen(out: NodeJS.WriteStream): Screen {
  const isWide = out.isTTY && out.columns >= FEWEST_COLUMNS && process.env.TERM !== 'dumb'
  return isWide ? liveScreen(out) : lineScreen(out)
}

function liveScreen(out: NodeJS.WriteStream): Screen {
  const startedAtMs = performance.now()
  let drawn = 0
  let view: AudiobookJobs | undefined
  const draw = () => {
    if (!view) return
    const elapsedMs = performance.now() - startedAtMs
    const lines = planBars(view, { columns: out.columns, rows: out.rows, elapsedMs })
    out.write(redraw(lines, drawn, out))
    drawn = lines.length
  }
  // The cursor would jump about.
  out.write('\x1b[?25l')
  const clock = setInterval(draw, CLOCK_MS)
  out.on('resize', draw)
  return {
    show(newView) {
      view = newView
      draw()
    },
    close() {
      clearInterval(clock)
      out.off('resize', draw)
      draw()
      out.write('\x1b[?25h')
    },
  }
}

/** Up to where the last drawing began, then each line anew to its end, and nothing below the last. */
function redraw(lines: readonly Painted[], drawn: number, out: NodeJS.WriteStream): string {
  const up = drawn > 0 ? `\x1b[${drawn}A` : ''
  return `${up}\r${lines.map((line) => `${colouredText(line, out)}\x1b[K\n`).join('')}\x1b[J`
}

function lineScreen(out: NodeJS.WriteStream): Screen {
  const startedAtMs = performance.now()
  let last: AudiobookJobs | undefined
  return {
    show(view) {
      const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(6)
      for (const line of planNews(last, view)) out.write(`  ${seconds} s  ${line}\n`)
      last = view
    },
    close() {},
  }
}
