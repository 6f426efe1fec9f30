import { expect, it } from 'vitest'
import { legacyRoutes } from './api-config.ts'

it('registers legacy routes on request, and refuses to start with them in production', () => {
  expect(legacyRoutes({ ENABLE_LEGACY_ROUTES: false, NODE_ENV: 'production' })).toBe(false)
  expect(legacyRoutes({ ENABLE_LEGACY_ROUTES: true })).toBe(true)
  expect(() => legacyRoutes({ ENABLE_LEGACY_ROUTES: true, NODE_ENV: 'production' })).toThrow(
    expect.objectContaining({ code: 'legacy-in-production' }),
  )
})
