import { describe, expect, it } from 'vitest'
import { parseAllowedHosts } from './allowed-hosts.ts'
import { checkUrl } from './check-url.ts'

const rules = { allowedHosts: [] }
const allowing = (text: string) => ({ allowedHosts: parseAllowedHosts(text) })

it.each([
  ['http://example.com', 'http://example.com/'],
  ['  https://EXAMPLE.com:443/a?b#c\n', 'https://example.com/a?b#c'],
  ['https://example.com:8443/', 'https://example.com:8443/'],
  ['https://www.example.com./', 'https://www.example.com/'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['https://ｅｘａｍｐｌｅ。ｃｏｍ/', 'https://example.com/'],
  ['http://8.8.8.8/', 'http://8.8.8.8/'],
  ['http://134744072/', 'http://8.8.8.8/'],
  ['http://[2606:4700:4700::1111]/', 'http://[2606:4700:4700::1111]/'],
  ['http://[64:ff9b::8.8.8.8]/', 'http://[64:ff9b::808:808]/'],
  ['http://127.0.0.1%2eexample.com/', 'http://127.0.0.1.example.com/'],
  ['http://example.com/@127.0.0.1', 'http://example.com/@127.0.0.1'],
])('lets %j pass as %s', (text, href) => {
  expect(checkUrl(text, rules).href).toBe(href)
})

describe('refuses this machine and private networks', () => {
  it.each([
    ['decimal', 'http://2130706433/'],
    ['octal', 'http://0177.0.0.1/'],
    ['octal throughout', 'http://0177.00.00.01/'],
    ['hexadecimal', 'http://0x7f.0.0.1/'],
    ['hexadecimal in one number', 'http://0x7f000001/'],
    ['mixed bases', 'http://0x7f.0.0.01/'],
    ['short with two parts', 'http://127.1/'],
    ['short with three parts', 'http://127.0.1/'],
    ['short for nothing', 'http://0/'],
    ['a dot behind it', 'http://127.0.0.1./'],
    ['percent signs', 'http://%31%32%37.0.0.1/'],
    ['full-width digits', 'http://１２７.0.0.1/'],
    ['circled digits', 'http://①②⑦.⓪.⓪.①/'],
    ['ideographic full stops', 'http://127。0。0。1/'],
    ['all of 127/8', 'http://127.255.255.254/'],
  ])('written as %s', (_, url) => {
    expectRefused(url, 'host')
  })

  it.each([
    ['"this network"', '0.1.2.3'],
    ['private, ten', '10.0.0.1'],
    ['shared by carriers', '100.64.0.1'],
    ['the metadata of Alibaba', '100.100.100.200'],
    ['the metadata of most clouds', '169.254.169.254'],
    ['the credentials of containers', '169.254.170.2'],
    ['private, 172.16/12', '172.31.255.255'],
    ['assignments to protocols', '192.0.0.192'],
    ['documents', '192.0.2.1'],
    ['6to4 relays', '192.88.99.1'],
    ['private, 192.168', '192.168.1.1'],
    ['benchmarks', '198.19.255.255'],
    ['documents, second', '198.51.100.1'],
    ['documents, third', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['class E', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ["Azure's host agent", '168.63.129.16'],
    ['IPv6 loopback', '[::1]'],
    ['IPv6 loopback at length', '[0:0:0:0:0:0:0:1]'],
    ['unspecified', '[::]'],
    ['IPv4-mapped', '[::ffff:127.0.0.1]'],
    ['IPv4-mapped, in hexadecimal', '[::ffff:7f00:1]'],
    ['IPv4-mapped, though public', '[::ffff:8.8.8.8]'],
    ['IPv4-compatible', '[::127.0.0.1]'],
    ['translated (SIIT)', '[::ffff:0:7f00:1]'],
    ['link-local', '[fe80::1]'],
    ['site-local', '[fec0::1]'],
    ['unique local', '[fd12:3456::1]'],
    ['the metadata of AWS by IPv6', '[fd00:ec2::254]'],
    ['NAT64 of loopback', '[64:ff9b::127.0.0.1]'],
    ['NAT64 of metadata, in hexadecimal', '[64:ff9b::a9fe:a9fe]'],
    ['local NAT64', '[64:ff9b:1::a00:1]'],
    ['6to4 of loopback', '[2002:7f00:1::]'],
    ['Teredo', '[2001:0:7f00:1::1]'],
    ['documents by IPv6', '[2001:db8::1]'],
    ['newer documents by IPv6', '[3fff::1]'],
    ['discard only', '[100::1]'],
    ['segment routing', '[5f00::1]'],
    ['IPv6 multicast', '[ff02::1]'],
  ])('at %s', (_, host) => {
    expectRefused(`http://${host}/`, 'host')
  })

  it.each([
    ['localhost', 'http://localhost/'],
    ['in capitals', 'http://LOCALHOST/'],
    ['with a dot behind it', 'http://localhost./'],
    ['in circled letters', 'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/'],
    ['with a soft hyphen', 'http://local\u00adhost/'],
    ['below localhost', 'http://a.localhost/'],
    ['of a neighbour', 'http://redis:6379/'],
    ['of a printer', 'http://printer.local/'],
    ["of Google's metadata", 'http://metadata.google.internal/'],
    ["of Google's metadata, short", 'http://metadata/'],
    ["of Google's metadata, new", 'http://metadata.goog./'],
    ["of Tencent's metadata", 'http://metadata.tencentyun.com/'],
    ['of a service of Kubernetes', 'http://kubernetes.default.svc/'],
  ])('by the name %s', (_, url) => {
    expectRefused(url, 'host')
  })
})

it.each([
  ['file:///etc/passwd', 'scheme'],
  ['gopher://example.com/', 'scheme'],
  ['ftp://example.com/', 'scheme'],
  ['data:text/plain,hello', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['blob:http://example.com/x', 'scheme'],
  ['http://good.example@127.0.0.1/', 'credentials'],
  ['http://user:word@example.com/', 'credentials'],
  ['http://good.example%2f@127.0.0.1/', 'credentials'],
  ['http://:@127.0.0.1/', 'host'],
  ['http://127.0.0.1#@example.com/', 'host'],
  ['http://127.0.0.1?@example.com/', 'host'],
  ['http://good.example\\@127.0.0.1/', 'invalid'],
  ['http://good.example\t.127.0.0.1/', 'invalid'],
  ['http://127.0.0.1\r\nHost: good.example/', 'invalid'],
  ['http://exa\nmple.com/', 'invalid'],
  ['http:/example.com/', 'invalid'],
  ['http:example.com', 'invalid'],
  ['http:///example.com', 'invalid'],
  ['http://127.0.0.1%00.example.com/', 'invalid'],
  ['http://[fe80::1%25eth0]/', 'invalid'],
  ['http://localhost../', 'invalid'],
  ['http://a..example.com/', 'invalid'],
  ['http://256.256.256.256/', 'invalid'],
  ['http://1.2.3.4.5/', 'invalid'],
  ['http://example.com:80:80/', 'invalid'],
  ['//example.com/', 'invalid'],
  ['example.com', 'invalid'],
  ['', 'invalid'],
  [`http://example.com/${'a'.repeat(9000)}`, 'invalid'],
  ['http://example.com:22/', 'port'],
  ['http://example.com:25/', 'port'],
  ['https://example.com:0/', 'port'],
  ['http://example.com:6667/', 'port'],
])('refuses %j because of its %s', (text, reason) => {
  expectRefused(text, reason)
})

describe('with hosts that are allowed', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:9000/'],
    ['127.0.0.1', 'http://2130706433/'],
    ['127.0.0.1:9000', 'http://127.0.0.1:9000/'],
    ['127.0.0.1:25', 'http://127.0.0.1:25/'],
    ['10.1.0.0/16', 'http://10.1.2.3/'],
    ['fd00::/8', 'http://[fd00::1]/'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['::1', 'http://[::1]/'],
    ['media.lan', 'http://media.lan/'],
    ['a.b, Media.LAN.:8000', 'http://MEDIA.lan:8000/'],
    ['localhost', 'http://localhost:3000/'],
  ])('%s lets in %s', (allowed, url) => {
    expect(checkUrl(url, allowing(allowed))).toBeInstanceOf(URL)
  })

  it.each([
    ['127.0.0.1:9000', 'http://127.0.0.1:9001/'],
    ['127.0.0.1', 'http://127.0.0.2/'],
    ['127.0.0.1', 'http://localhost/'],
    ['10.1.0.0/16', 'http://10.2.0.1/'],
    ['localhost:3000', 'http://localhost/'],
    ['media.lan', 'http://other.media.lan/'],
    ['media.lan', 'http://media.lan.:25/'],
    ['media.lan', 'http://x@media.lan/'],
  ])('%s does not let in %s', (allowed, url) => {
    expect(() => checkUrl(url, allowing(allowed))).toThrow()
  })

  it.each(['http://a', 'a/b', '10.0.0.0/33', '10.0.0.0/', 'a:b', 'a:99999', 'x@y', 'a b', '::1%eth0'])(
    'can not be told %j',
    (text) => {
      expect(() => parseAllowedHosts(text)).toThrow('is no host')
    },
  )
})

it('tells the user no address', () => {
  expect(() => checkUrl('http://169.254.169.254/', rules)).toThrow(
    expect.objectContaining({
      code: 'url_forbidden',
      message: expect.not.stringContaining('169'),
      detail: 'address 169.254.169.254',
    }),
  )
})

function expectRefused(url: string, reason: string): void {
  expect(() => checkUrl(url, rules)).toThrow(expect.objectContaining({ code: 'url_forbidden', reason }))
}
