import { describe, expect, it } from 'vitest'
import { locateQuote } from './quote.ts'

/** One word every half second, so that word n starts at n * 500 ms. */
function said(text: string) {
  return text
    .split(' ')
    .map((word, index) => ({ text: word, startMs: index * 500, endMs: index * 500 + 400 }))
}

const ALICE = said(
  'and what is the use of a book thought alice without pictures or conversations so she was considering in her mind as ' +
    'well as she could whether the pleasure of making a daisy chain would be worth the trouble of getting up and taking ' +
    'the daisies when suddenly a white rabbit with pink eyes ran close by her',
)

describe('locateQuote', () => {
  it.each([
    ['exact words', 'a white rabbit with pink eyes', 'a white rabbit with pink eyes'],
    ['case and punctuation', '“White Rabbit, with pink eyes!”', 'white rabbit with pink eyes'],
    ['the very beginning', 'and what is the use', 'and what is the use'],
    ['the very end', 'ran close by her', 'ran close by her'],
    ['one word', 'rabbit', 'rabbit'],
    ['a word in another form', 'rabbits', 'rabbit'],
    ['a misheard word inside', 'making a dizzy chain', 'making a daisy chain'],
    ['a word left out by the recogniser', 'in her own mind', 'in her mind'],
    ['another order', 'pictures without conversations', 'without pictures or conversations'],
    ['misheard first word, by its place', 'picking the daisies', 'taking the daisies'],
    ['misheard last word, by its place', 'suddenly a white habit', 'suddenly a white rabbit'],
  ])('finds %s', (_, query, text) => {
    expect(locateQuote(ALICE, query)?.text).toBe(text)
  })

  it('gives the time of the first and the last word', () => {
    const at = ALICE.findIndex((word) => word.text === 'white') - 1

    expect(locateQuote(ALICE, 'a white rabbit')).toMatchObject({
      startMs: at * 500,
      endMs: (at + 2) * 500 + 400,
      score: 1,
    })
  })

  it('prefers the words in their order to the same words scattered', () => {
    const words = said('times of the best it was the worst of all it was the best of times said he')

    expect(locateQuote(words, 'it was the best of times')?.startMs).toBe(10 * 500)
  })

  it('takes the first of two equal places', () => {
    expect(locateQuote(said('the sea the sky the sea'), 'the sea')?.startMs).toBe(0)
  })

  it('scores a part of the query below the whole', () => {
    const whole = locateQuote(ALICE, 'daisy chain')?.score ?? 0
    const part = locateQuote(ALICE, 'daisy chain saw massacre')?.score ?? 0

    expect(whole).toBe(1)
    expect(part).toBeGreaterThan(0.2)
    expect(part).toBeLessThan(0.7)
  })

  it.each([
    ['nothing of it is said', ALICE, 'quantum chromodynamics'],
    ['only a function word is said', ALICE, 'the chromodynamics xylophone'],
    ['the query has no words', ALICE, ' … '],
    ['the passage has none', [], 'rabbit'],
  ])('answers nothing where %s', (_, words, query) => {
    expect(locateQuote(words, query)).toBeUndefined()
  })

  it('finds a quote in an hour of words at once', () => {
    const hour = said(
      `${'so she went on and on about nothing in particular '.repeat(1000)}a white rabbit with pink eyes`,
    )

    expect(locateQuote(hour, 'white rabbit with pink eyes')?.startMs).toBe(10_001 * 500)
  })

  it('finds a long quote among letters that are words by themselves at once', () => {
    const letters = (text: string) => said([...text].join(' '))
    const tale = '从前有一个国王他有一座美丽的花园里有很多树每天早上都在散步看着鸟儿飞来飞去'
    const quote = [...tale].reverse().join('').repeat(13).slice(0, 500)

    const place = locateQuote(letters(tale.repeat(100) + quote + tale), quote)

    expect(place?.startMs).toBe(tale.length * 100 * 500)
    expect(place?.score).toBeCloseTo(1)
    // A second on a machine of its own.
  }, 30_000)
})
