import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** Letters and digits only: a double click takes all of it. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_BYTES = 32
/** As many digits as these bytes may need, and a CRC. */
const SECRET_DIGITS = 43
const CHECK_DIGITS = 6
const SHOWN = 11
const API_KEY = new RegExp(`^sk_([0-9A-Za-z]{${SECRET_DIGITS}})([0-9A-Za-z]{${CHECK_DIGITS}})$`)

/** A new key: 256 random bits, and a checksum by which scanners of leaked keys, and we, tell it from other text. */
export function newApiKey(): string {
  const secret = inBase62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_DIGITS)
  return `sk_${secret}${checkOf(secret)}`
}

/** Whether a text could be a key of ours: a mistyped one is known without asking anybody. */
export function isApiKey(text: string): boolean {
  const [, secret, check] = API_KEY.exec(text) ?? []
  return secret !== undefined && check === checkOf(secret)
}

/** What is kept of a key. Not slow on purpose, as for passwords: 256 random bits are not guessed. */
export const hashOfApiKey = (key: string): string => createHash('sha256').update(key).digest('hex')

/** The beginning, which is shown in lists. */
export const prefixOfApiKey = (key: string): string => key.slice(0, SHOWN)

const checkOf = (secret: string): string => inBase62(BigInt(crc32(secret)), CHECK_DIGITS)

function inBase62(value: bigint, digits: number): string {
  let text = ''
  for (let rest = value; text.length < digits; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text
  return text
}
