/** How reasons name moments and spans. */
export const at = (time: Date | null): string => time?.toISOString() ?? 'an unknown time'

export const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1000))
