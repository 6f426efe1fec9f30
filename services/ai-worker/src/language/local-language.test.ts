import { describe, expect, it } from 'vitest'
import { ALICE, describeLanguageModel } from './language-model.conformance.ts'
import { localLanguage } from './local-language.ts'

describeLanguageModel('local extraction', { make: localLanguage, translates: false })

const unhurried = { signal: new AbortController().signal }

describe('localLanguage', () => {
  it('uses only words that were said', async () => {
    const said = new Set(ALICE.segments.flatMap(({ text }) => text.split(' ')))

    const { text } = await localLanguage().summarize(ALICE, unhurried)
    const { tags } = await localLanguage().tag(ALICE, unhurried)

    const used = [
      ...text.toLowerCase().replaceAll('.', '').split(' '),
      ...tags.flatMap((tag) => tag.split(' ')),
    ]
    expect(used.filter((word) => !said.has(word))).toEqual([])
  })

  it('answers the same twice', async () => {
    const first = [
      await localLanguage().summarize(ALICE, unhurried),
      await localLanguage().tag(ALICE, unhurried),
    ]
    const again = [
      await localLanguage().summarize(ALICE, unhurried),
      await localLanguage().tag(ALICE, unhurried),
    ]

    expect(again).toEqual(first)
  })

  it('names who and what Alice’s first page is about', async () => {
    const { tags } = await localLanguage().tag(ALICE, unhurried)

    expect(tags).toEqual(expect.arrayContaining(['alice', 'book', 'sister', 'pictures', 'conversations']))
  })

  it('lets other work run while it reads ten hours of speech', { timeout: 60_000 }, async () => {
    const segments = Array.from({ length: 9000 }, (_, index) => ({
      text: `the ${NOUNS[index % NOUNS.length]} met the ${NOUNS[(index * 7) % NOUNS.length]} by the river number ${index}`,
      startMs: index * 4000,
      endMs: index * 4000 + 3900,
    }))
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)

    const { tags } = await localLanguage().tag({ title: 'Ten hours', segments }, unhurried)
    const { text } = await localLanguage().summarize({ title: 'Ten hours', segments }, unhurried)
    clearInterval(timer)

    expect(tags).toContain('river')
    expect(text.split(' ').length).toBeLessThanOrEqual(120)
    expect(turns).toBeGreaterThan(3)
  })
})

const NOUNS = [
  'captain',
  'whale',
  'sailor',
  'lantern',
  'harbour',
  'widow',
  'letter',
  'garden',
  'clock',
  'mountain',
]
