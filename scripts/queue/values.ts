/** A command line that means nothing, with a sentence that says what it lacks. */
export class UsageError extends Error {}

export function parseUuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase()
  throw new UsageError(`"${text}" is not an id: \`npm run queue -- list\` shows them`)
}

export function parseCount(text: string, option: string, { least = 1, most = 1_000_000 } = {}): number {
  const count = Number(text)
  const isWhole = least < 1 || Number.isInteger(count)
  if (text.trim() !== '' && isWhole && count >= least && count <= most) return count
  throw new UsageError(`${option} is a number from ${least} to ${most}, not "${text}"`)
}

/** `0.2` or `20%`. */
export function parseShare(text: string, option: string): number {
  const [, number, percent] = /^([\d.]+)(%?)$/.exec(text) ?? []
  const share = Number(number ?? Number.NaN) / (percent === '%' ? 100 : 1)
  if (share >= 0 && share <= 1) return share
  throw new UsageError(`${option} is a share, such as 20% or 0.2, not "${text}"`)
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** `90s`, `10m`, `2h`; a mere number is seconds. In milliseconds. */
export function parseDuration(text: string, option: string): number {
  const [, number, unit = 's'] = /^(\d+)([smh])?$/.exec(text) ?? []
  if (number !== undefined) return Number(number) * (UNIT_MS[unit] ?? 0)
  throw new UsageError(`${option} is a time, such as 90s, 10m or 2h, not "${text}"`)
}
