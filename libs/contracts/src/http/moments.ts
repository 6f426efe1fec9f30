import { z } from 'zod'

/** Databases know neither a year 0 nor an offset of a day, and nothing of ours is older. */
const isInRange = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear()
  return year >= 1970 && year <= 9999
}
const PROBLEM = 'lies outside of the years 1970 to 9999'

/** A moment that somebody names, by any offset; given on in UTC. */
export const Moment = z.iso
  .datetime({ offset: true })
  .refine(isInRange, PROBLEM)
  .transform((text) => new Date(text).toISOString())

/** A day of UTC. */
export const Day = z.iso.date().refine(isInRange, PROBLEM)
