import { mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { jwtVerify } from 'jose'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readSecrets } from './secrets.ts'
import { issueTokens } from './tokens.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'secrets-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

it('makes the secrets of a data directory once', () => {
  expect(readSecrets(dataDir)).toEqual(readSecrets(dataDir))
})

it('shows them to nobody else', () => {
  readSecrets(dataDir)

  expect(statSync(path.join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600)
})

it('issues tokens that say who calls and in which role', async () => {
  const { jwtSecret, userIds } = readSecrets(dataDir)
  const tokens = await issueTokens(jwtSecret, userIds)
  const claimsOf = async (token: string) =>
    (await jwtVerify(token, new TextEncoder().encode(jwtSecret), { audience: 'authenticated' })).payload

  expect(await claimsOf(tokens.admin)).toMatchObject({ sub: userIds.admin, app_metadata: { role: 'admin' } })
  expect(await claimsOf(tokens.user)).toMatchObject({ sub: userIds.user, role: 'authenticated' })
  expect(await claimsOf(tokens.service)).toMatchObject({ sub: userIds.service, role: 'service_role' })
})
