import { expect, it } from 'vitest'
import { COMMON, planTextQuery } from './text-query.ts'

it('looks for any of the words where all are rare', () => {
  const query = planTextQuery([
    { lexeme: 'rabbit', passages: 3 },
    { lexeme: 'white', passages: 40 },
  ])

  expect(query).toEqual({
    worthRanking: "('rabbit' & 'white') | 'rabbit' | 'white'",
    terms: ["'rabbit'", "'white'"],
    any: "'rabbit' | 'white'",
  })
})

it('lets common words rank, but not choose', () => {
  const query = planTextQuery([
    { lexeme: 'said', passages: COMMON },
    { lexeme: 'zebra', passages: 1 },
  ])

  expect(query?.worthRanking).toBe("('zebra' & 'said') | 'zebra'")
  expect(query?.any).toBe("'zebra' | 'said'")
})

it('chooses by one of them where all words are common', () => {
  const query = planTextQuery([
    { lexeme: 'said', passages: COMMON },
    { lexeme: 'went', passages: COMMON },
  ])

  expect(query?.worthRanking).toBe("('said' & 'went') | 'said'")
})

it('quotes what could be syntax', () => {
  expect(planTextQuery([{ lexeme: "o'neill\\&", passages: 1 }])?.any).toBe("'o''neill\\\\&'")
})

it('has nothing to look for where no word is left', () => {
  expect(planTextQuery([])).toBeUndefined()
})

it('takes the rarest words of a long quotation', () => {
  const terms = Array.from({ length: 100 }, (_, index) => ({ lexeme: `w${index}`, passages: 100 - index }))

  const query = planTextQuery(terms)

  expect(query?.terms).toHaveLength(32)
  expect(query?.terms[0]).toBe("'w99'")
})
