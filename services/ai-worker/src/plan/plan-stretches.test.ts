import { describe, expect, it } from 'vitest'
import { planStretches } from './plan-stretches.ts'

describe('planStretches', () => {
  it('joins sentences, with a full stop where there was only a pause', () => {
    expect(planStretches(['call me ishmael', 'Why not?'])).toEqual(['call me ishmael. Why not?'])
  })

  it('keeps all of an hour, in pieces', () => {
    const sentences = Array.from(
      { length: 900 },
      (_, index) => `sentence ${index} has ten words in it and no more.`,
    )

    const stretches = planStretches(sentences)

    expect(stretches.length).toBeGreaterThan(4)
    expect(stretches.join(' ')).toBe(sentences.join(' '))
  })

  it('takes a dozen pieces from all parts of ten hours', () => {
    const sentences = Array.from(
      { length: 9000 },
      (_, index) => `sentence ${index} has ten words in it and no more.`,
    )

    const stretches = planStretches(sentences)

    expect(stretches).toHaveLength(12)
    expect(stretches[0]).toContain('sentence 0 ')
    expect(stretches.at(-1)).toContain('sentence 8999 ')
  })

  it.each([
    ['Chinese', '从前有一个国王，他有一座美丽的花园。'],
    ['Japanese', 'おじいさんは山へ芝刈りに行きました。'],
    ['Thai', 'มีพระราชาองค์หนึ่งทรงมีสวนดอกไม้ที่สวยงามมาก'],
  ])('makes no stretch of %s longer because it is written without spaces', (_, sentence) => {
    const stretches = planStretches(Array(900).fill(sentence))

    expect(stretches.length).toBeGreaterThan(4)
    expect(stretches.length).toBeLessThanOrEqual(12)
  })

  it('makes nothing of nothing', () => {
    expect(planStretches([])).toEqual([])
  })
})
