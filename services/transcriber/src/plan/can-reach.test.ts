import { describe, expect, it } from 'vitest'
import { canReach } from './can-reach.ts'

describe('canReach', () => {
  it.each([
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'http://2130706433/',
    'http://10.1.2.3',
    'http://172.20.0.2',
    'http://192.168.1.5',
    'http://169.254.169.254',
    'http://100.64.0.1',
    'http://[::1]:8080',
    'http://[fd00::1]',
    'http://api:8080',
    'https://books.internal',
  ])('knows that no provider out there can ask for %s, and a neighbour can', (url) => {
    expect(canReach('https://api.rev.ai', url)).toBe(false)
    expect(canReach('http://127.0.0.1:9000/revai', url)).toBe(true)
  })

  it.each(['https://books.example', 'https://8.8.8.8', 'https://172.32.0.1', 'https://[2001:db8::1]'])(
    'takes %s for public',
    (url) => {
      expect(canReach('https://api.rev.ai', url)).toBe(true)
    },
  )
})
