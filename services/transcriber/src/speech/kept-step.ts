import type { z } from 'zod'
import type { SpeechJob } from './port.ts'

class NothingKept extends Error {}

/** A step's value without doing its work; undefined where it is not kept. A step whose work throws is not. */
export async function keptStep<T extends z.ZodType>(
  { step }: Pick<SpeechJob, 'step'>,
  key: string,
  schema: T,
): Promise<z.output<T> | undefined> {
  try {
    const value = await step(key, () => {
      throw new NothingKept(key)
    })
    return schema.parse(value)
  } catch (error) {
    if (error instanceof NothingKept) return undefined
    throw error
  }
}
