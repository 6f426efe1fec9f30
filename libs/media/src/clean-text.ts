/** Control characters but newline and tab, and the two marks that reverse the text after them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is what this is for.
const UNWANTED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e\ufeff]/g

/**
 * Text from a file's tags, fit for a Postgres column and a page: well-formed Unicode in composed form,
 * no NUL, no control characters, at most `maxChars` characters. Undefined when nothing is left.
 */
export function cleanText(value: string, maxChars: number): string | undefined {
  const clean = value
    .slice(0, maxChars * 4)
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(UNWANTED, '')
    .normalize('NFC')
    .trim()
  const cut = Array.from(clean).slice(0, maxChars).join('').trimEnd()
  return cut === '' ? undefined : cut
}
