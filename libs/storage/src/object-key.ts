import { FatalError } from '@app/runtime'

const PART = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const MOST_CHARACTERS = 512

/** Refuses whatever could leave the storage's own folder or need escaping in a URL. */
export function checkKey(key: string): string {
  const valid =
    key.length <= MOST_CHARACTERS && key.split('/').every((part) => PART.test(part) && !part.includes('..'))
  if (!valid)
    throw new FatalError(
      'object-key-invalid',
      'an object key is ASCII letters, digits, ".", "_", "-" and "/"',
    )
  return key
}
