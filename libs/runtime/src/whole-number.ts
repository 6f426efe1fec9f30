import { FatalError } from './errors.ts'

/** A command line's option as a number within bounds. Error: `option-invalid`, a sentence for whoever typed it. */
export function wholeNumber(
  option: string,
  text: string,
  { least = 0, most }: { least?: number; most: number },
): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new FatalError(
    'option-invalid',
    `${option} must be a whole number from ${least} to ${most}, not "${text}"`,
  )
}
