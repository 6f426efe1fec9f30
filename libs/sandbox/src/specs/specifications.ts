import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { RecordedRequest } from '../server/records.ts'
import type { Answer, Provider } from '../server/wire.ts'
import { answerSchema, asDocumented } from './beyond-the-documents.ts'
import { schemaChecks } from './schema-checks.ts'

/** One request and what it was answered. */
export interface Exchange {
  request: RecordedRequest
  answer: Answer
}

interface Operation {
  requestBody?: { content: Record<string, unknown> }
  responses: Record<string, { $ref?: string; content?: Record<string, unknown> }>
}

interface Specification {
  paths: Record<string, Record<string, Operation>>
  components: { responses?: Record<string, { content?: Record<string, unknown> }> }
}

/** Where each document is, the paths it leaves out, and what its errors look like. */
const DOCUMENTS: Record<Provider, { file: string; base: string; error: string }> = {
  openai: { file: 'openai.cut.openapi.json', base: '/v1', error: 'ErrorResponse' },
  revai: { file: 'revai.async.openapi.json', base: '/speechtotext/v1', error: 'Problem' },
  gemini: { file: 'gemini.openapi.json', base: '', error: 'ErrorEnvelope' },
}
/** Its second request goes to an address of its own, which the document leaves out. */
const UNDOCUMENTED = new Set(['gemini.upload-chunk'])

/**
 * The providers' OpenAPI documents in a folder. `check` says what an exchange has that they don't allow:
 * nothing, where both its sides are as documented.
 */
export function specifications(folder: string): { check: (exchange: Exchange) => string[] } {
  const read = (file: string): Specification =>
    JSON.parse(readFileSync(path.join(folder, file), 'utf8'), (_, value) => nullAllowed(value))
  const documents = Object.fromEntries(
    Object.entries(DOCUMENTS).map(([name, { file }]) => [name, read(file)]),
  ) as Record<Provider, Specification>
  const checks = schemaChecks(documents)
  return {
    check({ request, answer }) {
      if (UNDOCUMENTED.has(request.route)) return []
      const { base, error } = DOCUMENTS[request.provider]
      const found = operationOf(documents[request.provider], request, base)
      if (!found) return [`${request.route}: ${request.method} ${request.path} is in no document`]
      const asked = checkedRequest(request, found)
      const given = checkedAnswer(request, answer, { ...found, error })
      return [...asked, ...given].map((problem) => `${request.route}: ${problem}`)
    },
  }

  function checkedRequest(request: RecordedRequest, { operation, pointer }: Found): string[] {
    const type = (request.headers['content-type'] ?? '').split(';')[0] ?? ''
    const body = request.fields ? formOf(request) : request.json
    if (body === undefined) return []
    // An SDK may send an empty object where nothing is to be said.
    if (!operation.requestBody && JSON.stringify(body) === '{}') return []
    if (!operation.requestBody?.content[type]) return [`takes no ${type}`]
    const schema = `${pointer}/requestBody/content/${escaped(type)}/schema`
    return checks.problems(request.provider, schema, body).map((problem) => `request ${problem}`)
  }

  function checkedAnswer(
    request: RecordedRequest,
    { status, headers, body }: Answer,
    { operation, pointer, error }: Found & { error: string },
  ): string[] {
    const { provider } = request
    if (typeof body !== 'object' || body === null) return []
    const type = headers?.['content-type'] ?? 'application/json'
    const listed = operation.responses[String(status)]
    if (status >= 400 && !listed?.content?.[type]) {
      return checks.problems(provider, `/components/schemas/${error}`, body).map((each) => `error ${each}`)
    }
    if (!listed?.content?.[type]) return [`answers no ${status} as ${type}`]
    const schema = answerSchema(request) ?? `${pointer}/responses/${status}/content/${escaped(type)}/schema`
    return checks
      .problems(provider, schema, asDocumented(request, body))
      .map((problem) => `answer ${problem}`)
  }
}

/** `nullable` of OpenAPI 3.0, where it stands beside no type, as what it means. */
function nullAllowed(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('nullable' in value) || 'type' in value) return value
  const { nullable, ...rest } = value
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : value
}

interface Found {
  operation: Operation
  /** To the operation, in the document. */
  pointer: string
}

function operationOf(
  document: Specification,
  { method, path: asked }: RecordedRequest,
  base: string,
): Found | undefined {
  const pathname =
    asked
      .split('?')[0]
      ?.replace(/\/{2,}/g, '/')
      .replace(base, '') ?? ''
  for (const [template, operations] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, '[^/:]+')}$`)
    const operation = pattern.test(pathname) ? operations[method.toLowerCase()] : undefined
    if (operation) return { operation, pointer: `/paths/${escaped(template)}/${method.toLowerCase()}` }
  }
  return undefined
}

/** A form as the document describes it: lists without their brackets, files as text, options as the JSON they are. */
function formOf({ fields = {}, files = [] }: RecordedRequest): Record<string, unknown> {
  const told = Object.entries(fields).map(([name, values]): [string, unknown] => {
    if (name === 'options') return [name, JSON.parse(values[0] ?? '{}')]
    return name.endsWith('[]') ? [name.slice(0, -2), values] : [name, numberIn(name, values[0])]
  })
  return Object.fromEntries([...told, ...files.map(({ field }): [string, unknown] => [field, ''])])
}

function numberIn(name: string, value: string | undefined): unknown {
  return name === 'temperature' ? Number(value) : value
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
