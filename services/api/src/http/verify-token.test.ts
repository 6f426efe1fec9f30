import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { statusOfCode } from '../plan/status-of-code.ts'
import { adminToken, JWT_SECRET, serviceToken, userToken } from '../testing/tokens.ts'
import { tokenVerifier } from './verify-token.ts'

const verify = tokenVerifier({ secret: JWT_SECRET })

it('tells admins, users and services apart by what only the server can set', async () => {
  const userId = randomUUID()

  expect(await verify(await adminToken({ userId }))).toEqual({ kind: 'admin', userId })
  expect(await verify(await userToken({ userId }))).toEqual({ kind: 'user', userId })
  expect(await verify(await serviceToken({ userId }))).toEqual({ kind: 'service', name: userId })
})

it('takes user_metadata, which users write themselves, for nothing', async () => {
  const token = await userToken({ claims: { user_metadata: { role: 'admin' } } })

  expect(await verify(token)).toMatchObject({ kind: 'user' })
})

it("takes Supabase's own service key, which has neither audience nor subject", async () => {
  const token = await new SignJWT({ role: 'service_role' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(JWT_SECRET))

  expect(await verify(token)).toEqual({ kind: 'service', name: 'service_role' })
})

it.each([
  ['expired', () => adminToken({ expiresInS: -1 }), 'token-expired'],
  ['signed with another secret', () => adminToken({ secret: 'x'.repeat(40) }), 'token-invalid'],
  ['for another audience', () => adminToken({ claims: { aud: 'anon' } }), 'token-invalid'],
  ['without an audience', () => adminToken({ claims: { aud: [] } }), 'token-invalid'],
  ['without a user', () => adminToken({ claims: { sub: '' } }), 'token-invalid'],
  [
    'not signed',
    async () => new UnsecuredJWT({ aud: 'authenticated' }).setExpirationTime('1h').encode(),
    'token-invalid',
  ],
  ['no token at all', async () => 'a.b.c', 'token-invalid'],
])('refuses a token that is %s', async (_, make, code) => {
  await expect(verify(await make())).rejects.toMatchObject({ code })
})

it('refuses a token that never expires', async () => {
  const token = await new SignJWT({ aud: 'authenticated', sub: randomUUID() })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(JWT_SECRET))

  await expect(verify(token)).rejects.toMatchObject({ code: 'token-invalid' })
})

it('takes tokens signed with a published key, and not the public key used as a secret', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
  await using keys = await serve(200, { keys: [jwk] })
  const verifyBoth = tokenVerifier({ secret: JWT_SECRET, jwksUrl: keys.url })
  const claims = { aud: 'authenticated', sub: randomUUID(), app_metadata: { role: 'admin' } }
  const signed = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setExpirationTime('1h')
    .sign(privateKey)
  const forged = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: 'one' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(await exportSPKI(publicKey)))

  expect(await verifyBoth(signed)).toMatchObject({ kind: 'admin' })
  await expect(verifyBoth(forged)).rejects.toMatchObject({ code: 'token-invalid' })
  await expect(verify(signed)).rejects.toMatchObject({ code: 'token-invalid' })
})

it.each([
  ['does not know the key', 200, 'token-invalid'],
  ['is broken', 500, 'auth-unavailable'],
])('says so when the key server %s', async (_, status, code) => {
  const { privateKey } = await generateKeyPair('ES256')
  await using keys = await serve(status, { keys: [] })
  const token = await new SignJWT({ aud: 'authenticated', sub: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'two' })
    .setExpirationTime('1h')
    .sign(privateKey)

  await expect(tokenVerifier({ jwksUrl: keys.url })(token)).rejects.toMatchObject({ code })
})

it('says so when the key server is away', async () => {
  const { privateKey } = await generateKeyPair('ES256')
  const gone = await serve(200, {})
  await gone[Symbol.asyncDispose]()
  const token = await new SignJWT({ aud: 'authenticated', sub: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'two' })
    .setExpirationTime('1h')
    .sign(privateKey)

  await expect(tokenVerifier({ jwksUrl: gone.url })(token)).rejects.toMatchObject({
    code: 'auth-unavailable',
  })
})

const LISTED = path.resolve(import.meta.dirname, '../../../../../shared/specs/samples/error-cases.json')

interface Case {
  provider: string
  case: string
  http_status: number
  body: object
}

const listed = existsSync(LISTED) ? (JSON.parse(readFileSync(LISTED, 'utf8')) as Case[]) : []
const cases = listed.filter(({ provider }) => provider === 'supabase-auth')

// The sign-in server is asked for one thing, its published keys; whether a token has expired is found out here. So what it
// says of a token or a session is no word about the user in question, and never refuses one.
describe.skipIf(listed.length === 0)('the listed answers of Supabase sign-in (needs ../shared/specs)', () => {
  it('are all met here', () => {
    expect(cases.map(({ case: name }) => name)).toEqual(['expired token', 'session gone', 'throttled'])
  })

  it.each(cases)('$case: nobody is refused for it, but asked to come back', async (answer) => {
    await using keys = await serve(answer.http_status, answer.body)
    const { privateKey } = await generateKeyPair('ES256')
    const token = await new SignJWT({ aud: 'authenticated', sub: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: 'two' })
      .setExpirationTime('1h')
      .sign(privateKey)

    const refusal = await tokenVerifier({ jwksUrl: keys.url })(token).catch((error) => error)

    expect(statusOfCode(refusal.code)).toBe(503)
    expect(refusal.message).toBe("the sign-in server's keys cannot be had right now")
    // A token that a secret verifies needs nobody's answer.
    const both = tokenVerifier({ secret: JWT_SECRET, jwksUrl: keys.url })
    expect(await both(await userToken())).toMatchObject({ kind: 'user' })
  })
})

async function serve(status: number, body: object) {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
