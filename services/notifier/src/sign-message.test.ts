import { expect, it } from 'vitest'
import { signMessage } from './sign-message.ts'

// The example of Standard Webhooks' own libraries.
const SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: new Date(1_614_265_330_000),
  body: '{"test": 2432232314}',
}
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

it.each([SECRET, `whsec_${SECRET}`])('signs as Standard Webhooks does, with %s', (secret) => {
  expect(signMessage(message, [secret])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': SIGNATURE,
  })
})

it('leaves no message unsigned', () => {
  expect(() => signMessage(message, [])).toThrow('no secret to sign it with')
})

it('signs with each secret while two are good', () => {
  const other = `whsec_${Buffer.alloc(32).toString('base64')}`

  const [first, second] = signMessage(message, [other, SECRET])['webhook-signature']?.split(' ') ?? []

  expect(first).toMatch(/^v1,.{43}=$/)
  expect(first).not.toBe(SIGNATURE)
  expect(second).toBe(SIGNATURE)
})
