import { expect, it } from 'vitest'
import { clipFailure } from './clip-failure.ts'

it.each([
  ['download', 'private', 'This post is private.', 'private', 'This post is private.'],
  ['download', 'error', 'connect ECONNREFUSED 10.0.0.7:5432', 'internal', 'while this video was fetched'],
  ['transcribe', 'ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.7:443', 'internal', 'not be transcribed'],
  [
    'transcribe',
    'language-not-supported',
    'PocketSphinx knows no "de"',
    'language-not-supported',
    'language',
  ],
  ['analyze', '54000', 'index row size 2712 exceeds btree maximum', 'internal', 'not be analysed'],
  ['embed', null, null, 'internal', 'searchable'],
])(
  'tells of a %s that failed with %s what its owner may know',
  (type, error_code, error_message, code, told) => {
    const failure = clipFailure({ type, error_code, error_message })

    expect(failure).toEqual({ error_code: code, error_message: expect.stringContaining(told) })
    expect(failure.error_message).not.toMatch(/10\.0\.0\.7|btree|PocketSphinx/)
  },
)
