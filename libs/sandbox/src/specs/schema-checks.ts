import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Provider } from '../server/wire.ts'

const MAX_PROBLEMS = 5

/** Checks values against the schemas that stand at a pointer of a document. Fields that no schema names are problems. */
export function schemaChecks(documents: Record<Provider, object>) {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true, logger: false })
  // The package is CommonJS: its default export is a property here.
  ;(addFormats as unknown as { default: (to: Ajv2020) => void }).default(ajv)
  for (const [name, document] of Object.entries(documents)) ajv.addSchema(document, name)
  const compiled = new Map<string, ValidateFunction>()
  return {
    problems(provider: Provider, pointer: string, value: unknown): string[] {
      const at = `${provider}#${encodeURI(pointer).replaceAll('%7E', '~')}`
      const validate = compiled.get(at) ?? ajv.compile({ $ref: at, unevaluatedProperties: false })
      compiled.set(at, validate)
      if (validate(value)) return []
      const told = (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
      )
      return told.slice(0, MAX_PROBLEMS)
    },
  }
}
