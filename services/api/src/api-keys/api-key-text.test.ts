import { expect, it } from 'vitest'
import { hashOfApiKey, isApiKey, newApiKey, prefixOfApiKey } from './api-key-text.ts'

it('makes keys of one length, each another, that are known as keys', () => {
  const keys = Array.from({ length: 50 }, newApiKey)

  expect(new Set(keys).size).toBe(50)
  for (const key of keys) {
    expect(key).toMatch(/^sk_[0-9A-Za-z]{49}$/)
    expect(isApiKey(key)).toBe(true)
    expect(key.startsWith(prefixOfApiKey(key))).toBe(true)
  }
})

it('knows a key with one wrong letter for none', () => {
  const key = newApiKey()
  const wrong = key.slice(0, 20) + (key[20] === 'a' ? 'b' : 'a') + key.slice(21)

  expect(isApiKey(wrong)).toBe(false)
  expect(isApiKey(key.slice(0, -1))).toBe(false)
  expect(isApiKey(`${key}\n`)).toBe(false)
})

it('keeps a hash from which the key does not follow', () => {
  const key = newApiKey()

  expect(hashOfApiKey(key)).toMatch(/^[0-9a-f]{64}$/)
  expect(hashOfApiKey(key)).toBe(hashOfApiKey(key))
})
