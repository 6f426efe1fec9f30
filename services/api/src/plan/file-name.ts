const MOST_CHARACTERS = 255
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/**
 * A client's file name as text to show: no path, no control characters (Postgres refuses NUL;
 * some turn the text after them around, "gpj.exe" into "exe.jpg"), well-formed and of
 * bounded length. It is never used as a path.
 */
export function planFileName(sent: string | undefined): string {
  const base = (sent ?? '').split(/[/\\]/).at(-1) ?? ''
  const clean = [...base.toWellFormed().normalize('NFC').replace(CONTROL, '')]
    .slice(0, MOST_CHARACTERS)
    .join('')
    .trim()
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean
}
