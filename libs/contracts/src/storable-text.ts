/**
 * Text as Postgres takes it, in `text` as in `jsonb`: without NUL, and with U+FFFD for half a surrogate pair. JSON from
 * outside may hold both, escaped.
 */
export const storableText = (text: string): string => text.replaceAll('\0', '').toWellFormed()
