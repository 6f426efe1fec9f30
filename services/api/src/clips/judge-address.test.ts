import { platformsFor } from '@app/platforms'
import { expect, it } from 'vitest'
import { judgeAddress } from './judge-address.ts'

const rules = { allowedHosts: [] }
const usual = { rules, platforms: platformsFor({ allowGenericUrls: false }) }
const generic = { rules, platforms: platformsFor({ allowGenericUrls: true }) }

it('says of a post whose it is, and keeps the text that was given', () => {
  expect(judgeAddress(' https://www.instagram.com/reel/ABC123xyz/?igsh=1 ', usual)).toEqual({
    url: 'https://www.instagram.com/reel/ABC123xyz/?igsh=1',
    address: 'https://www.instagram.com/reel/ABC123xyz/?igsh=1',
    platform: 'instagram',
    externalId: 'ABC123xyz',
    canonicalUrl: expect.stringContaining('ABC123xyz'),
  })
})

it('refuses what is nobody’s post with the list of what is supported', () => {
  const refusal = expect.objectContaining({
    code: 'url_unsupported',
    message: expect.stringMatching(/Supported: .*Instagram.*TikTok.*YouTube.*Facebook/),
  })
  expect(() => judgeAddress('https://vimeo.com/1', usual)).toThrow(refusal)
  expect(judgeAddress('https://cdn.example.com/a.mp4', generic)).toMatchObject({ platform: 'generic' })
})

it.each([
  'http://169.254.169.254/latest',
  'http://0x7f.1/a.mp4',
  'file:///etc/passwd',
  'http://localhost/a.mp4',
])('refuses %s by its text alone', (url) => {
  expect(() => judgeAddress(url, generic)).toThrow(expect.objectContaining({ code: 'url_forbidden' }))
})
