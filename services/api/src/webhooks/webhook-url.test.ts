import { urlRulesFrom } from '@app/net'
import { expect, it } from 'vitest'
import { webhookUrl } from './webhook-url.ts'

const rules = urlRulesFrom({ URL_ALLOWED_HOSTS: 'hooks.lan, 10.1.0.0/16' })
const judge = (text: string, allowHttp = false) => webhookUrl(text, { rules, allowHttp })

it.each([
  ['https://hooks.example.org/a?b=c', 'https://hooks.example.org/a?b=c'],
  [' https://HOOKS.example.org ', 'https://hooks.example.org/'],
  ['http://hooks.lan/a', 'http://hooks.lan/a'],
  ['http://10.1.2.3/a', 'http://10.1.2.3/a'],
])('takes %s', (text, url) => {
  expect(judge(text)).toBe(url)
})

it.each([
  'http://hooks.example.org/',
  'ftp://hooks.example.org/',
  'https://user:password@hooks.example.org/',
  'https://localhost/',
  'https://10.2.0.1/',
  'https://2852039166/',
  'nothing',
])('refuses %s', (text) => {
  expect(() => judge(text)).toThrow(expect.objectContaining({ code: 'url_forbidden' }))
})

it('takes plain http to anywhere public where the operator says so', () => {
  expect(judge('http://hooks.example.org/', true)).toBe('http://hooks.example.org/')
  expect(() => judge('http://localhost/', true)).toThrow('private network')
})
