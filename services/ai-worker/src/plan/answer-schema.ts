import { z } from 'zod'

/** What providers' constrained output refuses or does not heed. zod checks it afterwards. */
const UNHEEDED = [
  ...['minLength', 'maxLength', 'pattern', 'format', 'minItems', 'maxItems'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'default'],
]

/**
 * A schema as JSON Schema in the part of it that all providers hold answers to: objects with every property required
 * and none beside them, arrays, enums, strings and numbers.
 */
export function answerSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      for (const key of UNHEEDED) delete (jsonSchema as Record<string, unknown>)[key]
    },
  })
  return json
}
