import { ErrorBody } from '@app/contracts'
import { z } from '@hono/zod-openapi'

const BEARER = [{ bearer: [] }]
const errorBody = named('ErrorBody', ErrorBody)

const REASONS: Record<number, string> = {
  400: 'Malformed body',
  404: 'No such thing',
  409: 'Not in this state',
  413: 'Too large',
  415: 'Not the right kind of content',
  416: 'No such range',
  422: 'Well-formed, but not as it should be: `details` says which field',
  429: 'Too many at once',
  503: 'Not right now',
  507: 'No room',
}

/** A schema under its name in the OpenAPI document. */
export function named<S extends z.ZodType>(name: string, schema: S): S {
  return schema.meta({ id: name })
}

export function jsonBody<S extends z.ZodType>(schema: S) {
  return { required: true as const, content: { 'application/json': { schema } } }
}

export function jsonAnswer<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** The refusals of a route, for the document only: they are thrown, so handlers need not know their types. */
export function refusals(...statuses: (keyof typeof REASONS)[]): object {
  return Object.fromEntries(statuses.map((status) => [status, jsonAnswer(errorBody, REASONS[status] ?? '')]))
}

/** What all routes under a token have in common. */
export const signedIn = {
  security: BEARER,
}

/** For the document: these stand on every route under a token. */
export const authRefusals: object = {
  401: jsonAnswer(errorBody, 'No token, or one that is invalid or expired'),
  403: jsonAnswer(errorBody, 'A valid token that does not allow this'),
  ...refusals(503),
}

/** The same for routes that an API key may call, as often as its rate allows. */
export const keyRefusals: object = { ...authRefusals, ...refusals(429) }

/** An id in a path. One that is not even a UUID is as unknown as any other: 404, which handlers answer. */
export const idParam = z.object({ id: z.string().meta({ format: 'uuid' }) })
