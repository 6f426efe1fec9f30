import { expect, it } from 'vitest'
import { parseSources } from './apt-sources.mjs'

it('reads a one-line source, with its options', () => {
  const text = [
    '# deb http://old.example/debian bookworm main',
    'deb http://security.example/debian-security bookworm-security main',
    'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib',
  ].join('\n')

  expect(parseSources('sources.list', text, 'bookworm')).toEqual({
    url: 'http://mirror.example/debian',
    options: '[arch=amd64 signed-by=/k.gpg] ',
  })
})

it('reads a deb822 stanza, with its keyring', () => {
  const text = [
    'Types: deb',
    'URIs: http://security.example/debian-security',
    'Suites: bookworm-security',
    '',
    'Types: deb',
    'URIs: http://mirror.example/debian http://other.example/debian',
    'Suites: bookworm bookworm-updates',
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
  ].join('\n')

  expect(parseSources('debian.sources', text, 'bookworm')).toEqual({
    url: 'http://mirror.example/debian',
    options: '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ',
  })
})

it('finds nothing in a source of something else', () => {
  expect(
    parseSources('node.list', 'deb http://node.example/node_20.x nodistro main', 'bookworm'),
  ).toBeUndefined()
  expect(
    parseSources('node.sources', 'URIs: http://node.example\nSuites: nodistro', 'bookworm'),
  ).toBeUndefined()
})
