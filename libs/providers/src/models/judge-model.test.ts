import { loadConfig } from '@app/runtime'
import { expect, it } from 'vitest'
import { configuredProviders, providersConfig } from '../providers-config.ts'
import { judgeModel, type Listed } from './judge-model.ts'
import { knownEnd } from './known-dates.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const official = { provider: 'openai', isOfficial: true } as const
const own = { provider: 'openai', isOfficial: false } as const
const there: Listed = { is: 'there' }

it.each([
  ['is there', official, 'gpt-transcribe', there, 'available', undefined],
  [
    'will end, as its provider says',
    official,
    'gpt-transcribe',
    { is: 'there', shutdownDate: '2027-03-01' },
    'ending',
    '2027-03-01',
  ],
  ['will end, as we know', official, 'whisper-1', there, 'ending', '2027-02-26'],
  [
    'will end, though its provider can’t be asked',
    official,
    'whisper-1',
    { is: 'unknown' },
    'ending',
    '2027-02-26',
  ],
  [
    'has the name of one that will end, on a server of one’s own',
    own,
    'whisper-1',
    there,
    'available',
    undefined,
  ],
  ['ended yesterday', official, 'x', { is: 'there', shutdownDate: '2026-11-20' }, 'gone', '2026-11-20'],
  ['is gone', official, 'x', { is: 'gone' }, 'gone', undefined],
  ['nobody can say anything of', own, 'x', { is: 'unknown' }, 'unknown', undefined],
] as const)('judges a model that %s', (_, setup, model, listed, status, shutdownDate) => {
  const state = judgeModel(setup, { model, use: 'transcribe' }, listed, NOW)

  expect(state).toMatchObject({ status, shutdownDate })
  expect(state.warning ?? '').toContain(
    status === 'ending' || status === 'gone' ? 'OPENAI_TRANSCRIBE_MODEL' : '',
  )
})

it('has defaults that outlive the coming year', () => {
  const env = { OPENAI_API_KEY: 'a', GEMINI_API_KEY: 'b', REVAI_ACCESS_TOKEN: 'c' }
  const setups = configuredProviders(loadConfig(providersConfig, env))

  const ends = setups.flatMap(({ provider, models }) =>
    Object.values(models).map((model) => knownEnd(provider, model) ?? 'none'),
  )

  expect(ends).toEqual(Array.from({ length: 7 }, () => 'none'))
})
