import { expect, it } from 'vitest'
import { rateLimitHeaders } from './rate-limit-headers.ts'

it('says what is left, and when all is there again', () => {
  expect(rateLimitHeaders(30, { tokens: 28, burst: 30, intervalMs: 2_000 })).toEqual({
    'ratelimit-policy': '"key";q=30;w=60',
    ratelimit: '"key";r=28;t=4',
  })
})
