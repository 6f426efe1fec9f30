/** As much of JSON Schema, and of OpenAPI's dialect of it that Gemini takes, as answers are asked in. */
export interface Schema {
  type?: string | string[]
  nullable?: boolean
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  $ref?: string
  minItems?: number | string
  maxItems?: number | string
  minLength?: number | string
  maxLength?: number | string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  description?: string
  [definitions: string]: unknown
}

/** What a schema asks for, with references followed and the first of several choices taken. */
export function resolved(schema: Schema, root: Schema): Schema {
  if (schema.$ref?.startsWith('#')) return resolved(atPointer(root, schema.$ref), root)
  if (schema.allOf) {
    const parts = schema.allOf.map((part) => resolved(part, root))
    return Object.assign({}, ...parts, { ...schema, allOf: undefined })
  }
  const choices = schema.anyOf ?? schema.oneOf
  if (!choices) return schema
  const told = choices.find((choice) => typeOf(resolved(choice, root)) !== 'null') ?? choices[0]
  return told ? resolved(told, root) : schema
}

/** One of object, array, string, number, integer, boolean, null. */
export function typeOf(schema: Schema): string {
  const named = [schema.type ?? []].flat().map((type) => type.toLowerCase())
  const told = named.find((type) => type !== 'null') ?? named[0]
  if (told) return told
  if (schema.properties) return 'object'
  return schema.items ? 'array' : 'string'
}

function atPointer(root: Schema, pointer: string): Schema {
  const names = pointer.slice(1).split('/').filter(Boolean)
  let at: unknown = root
  for (const name of names)
    at = (at as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/').replaceAll('~0', '~')]
  return (at ?? {}) as Schema
}
