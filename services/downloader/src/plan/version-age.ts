/** Platforms change weekly: of 36 releases in 20 months, 35 mended YouTube. */
export const OLD_AFTER_DAYS = 45

const DAY_MS = 24 * 60 * 60_000

/** How old a yt-dlp is by the date that its version is (`2026.08.19`, `2026.08.19.232843`); undefined for another one. */
export function versionAgeDays(version: string, nowMs: number): number | undefined {
  const [, year, month, day] = /^(\d{4})\.(\d{1,2})\.(\d{1,2})\b/.exec(version) ?? []
  if (year === undefined) return undefined
  return Math.max(0, Math.floor((nowMs - Date.UTC(Number(year), Number(month) - 1, Number(day))) / DAY_MS))
}

/** What an operator is told of an old yt-dlp; undefined for one that is young enough, or has no date. */
export function versionWarning(version: string, nowMs: number): string | undefined {
  const days = versionAgeDays(version, nowMs)
  if (days === undefined || days <= OLD_AFTER_DAYS) return undefined
  return `yt-dlp ${version} is ${days} days old; platforms change weekly: npm run downloader -- update`
}
