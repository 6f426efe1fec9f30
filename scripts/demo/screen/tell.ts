import { styleText } from 'node:util'

/** The demo's own words, above the bars. */
export interface Tell {
  out: NodeJS.WriteStream
  say(text: string): void
  /** What goes on now; on a terminal the next one takes its place. */
  doing(text: string): void
  /** What it came to. */
  done(text: string): void
}

export function tellOn(out: NodeJS.WriteStream): Tell {
  let isOpen = false
  let last = ''
  const clear = () => {
    if (isOpen) out.write('\r\x1b[K')
    isOpen = false
  }
  const say = (text: string) => {
    clear()
    out.write(`${text}\n`)
  }
  return {
    out,
    say,
    doing(text) {
      if (out.isTTY) {
        clear()
        out.write(styleText('dim', `  … ${text}`, { stream: out }))
        isOpen = true
      } else if (text.split(':')[0] !== last.split(':')[0]) out.write(`  … ${text}\n`)
      last = text
    },
    done: (text) => say(`  ${styleText('green', '✓', { stream: out })} ${text}`),
  }
}
