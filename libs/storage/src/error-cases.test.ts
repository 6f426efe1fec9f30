import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { FatalError, RetryLaterError } from '@app/runtime'
import { describe, expect, it } from 'vitest'
import { ofResponse, toStorageError } from './supabase-errors.ts'

const LISTED = path.resolve(import.meta.dirname, '../../../../shared/specs/samples/error-cases.json')

interface Case {
  provider: string
  case: string
  http_status: number
  body: unknown
}

const listed = existsSync(LISTED) ? (JSON.parse(readFileSync(LISTED, 'utf8')) as Case[]) : []
const cases = listed.filter(({ provider }) => provider === 'supabase-storage')

const EXPECTED: Record<string, string> = {
  'no such object': 'never object-not-found',
  'already there': 'again',
  'too large': 'never object-too-large',
  'bad mime': 'never object-type-refused',
  'signed URL expired': 'again',
  RLS: 'again',
  'TUS signed token': 'again',
  'TUS locked': 'later storage-busy',
  'db slow': 'later storage-busy',
  'db timeout': 'later storage-busy',
}

// Those of Supabase's sign-in are met where it is asked for its keys: services/api/src/http/verify-token.test.ts.
describe.skipIf(listed.length === 0)('the listed answers of Supabase storage (needs ../shared/specs)', () => {
  it('are all met here', () => {
    expect(cases.map(({ case: name }) => name)).toEqual(Object.keys(EXPECTED))
  })

  it.each(cases)('$case', async ({ case: name, http_status: status, body }) => {
    const refusal = await ofResponse(new Response(JSON.stringify(body), { status }))

    expect(comesTo(toStorageError('store it', refusal))).toBe(EXPECTED[name])
  })
})

function comesTo(error: Error): string {
  if (error instanceof FatalError) return `never ${error.code}`
  return error instanceof RetryLaterError ? `later ${error.code}` : 'again'
}
