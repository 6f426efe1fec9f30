import { describe, expect, it } from 'vitest'
import { planSummary } from './plan-summary.ts'

describe('planSummary', () => {
  it('says honestly that nothing was said', () => {
    expect(planSummary([])).toBe('No speech was found in this recording.')
  })

  it('is a short text itself, as sentences', () => {
    expect(
      planSummary(spoken(['call me ishmael some years ago', 'I sailed about a little and saw the sea'])),
    ).toBe('Call me ishmael some years ago. I sailed about a little and saw the sea.')
  })

  it('leaves punctuation and capitals that are there alone', () => {
    expect(planSummary(spoken(['“What is it?” she said. iPhones, perhaps!']))).toBe(
      '“What is it?” she said. iPhones, perhaps!',
    )
  })

  it.each([
    ['次はコーヒー', '次はコーヒー。'],
    ['彼は「そうです」', '彼は「そうです」。'],
    ['他说：（笑）', '他说：（笑）。'],
    ['他说：“好。”', '他说：“好。”'],
    ['well, then,', 'Well, then.'],
  ])('ends “%s” as its script does', (text, sentence) => {
    expect(planSummary(spoken([text]))).toBe(sentence)
  })

  it('keeps to 120 words of an hour, and to a quarter of a page', () => {
    const sentence = (index: number) =>
      `in port${index % 50} the ${THINGS[index % 7]} met a stranger${index % 70} with the ${THINGS[index % 5]} of ship${index}`

    const ofHour = planSummary(spoken(Array.from({ length: 700 }, (_, index) => sentence(index))))
    const ofPage = planSummary(spoken(Array.from({ length: 20 }, (_, index) => sentence(index * 3))))

    expect(ofHour.split(' ').length).toBeGreaterThan(30)
    expect(ofHour.split(' ').length).toBeLessThanOrEqual(120)
    expect(ofPage.split(' ').length).toBeLessThanOrEqual(65)
  })

  it('keeps the order of the recording', () => {
    const numbers = Array.from({ length: 60 }, (_, index) => index)
    const summary = planSummary(
      spoken(
        numbers.map(
          (number) => `sentence${number} of the whale and ${THINGS[number % 7]} ${THINGS[number % 5]}`,
        ),
      ),
    )

    const said = [...summary.toLowerCase().matchAll(/sentence(\d+)/g)].map(([, number]) => Number(number))
    expect(said.length).toBeGreaterThan(1)
    expect(said).toEqual(said.toSorted((a, b) => a - b))
  })

  it('says nothing twice', () => {
    const chorus = 'row row row your boat gently down the stream'
    const verses = Array.from(
      { length: 30 },
      (_, index) => `verse ${THINGS[index % 7]} tells of ${THINGS[(index * 3) % 7]} once more`,
    )

    const summary = planSummary(spoken(verses.flatMap((verse) => [chorus, verse])))

    expect(summary.toLowerCase().split(chorus).length - 1).toBeLessThanOrEqual(1)
  })

  it('falls back on the beginning where no word says anything', () => {
    const summary = planSummary(spoken(Array(40).fill('and so it was and it is')))

    expect(summary).toMatch(/^And so it was .* …$/)
    expect(summary.split(' ').length).toBeLessThanOrEqual(121)
  })

  it('summarises Chinese by its characters', () => {
    const sentences = Array.from({ length: 60 }, (_, index) => `船长在第${index}天追赶白鲸，水手们非常害怕。`)

    const summary = planSummary(spoken(sentences), 'zh')
    const unpunctuated = planSummary(spoken(['船长追赶白鲸水手们非常害怕'.repeat(80)]), 'zh')

    expect(summary.length).toBeLessThanOrEqual(200)
    expect(sentences).toEqual(expect.arrayContaining(summary.split(/(?<=。)/)))
    expect(unpunctuated.length).toBeLessThanOrEqual(125)
    expect(unpunctuated).toMatch(/。$/)
  })
})

const THINGS = ['captain', 'lantern', 'harbour', 'widow', 'letter', 'garden', 'clock']

function spoken(texts: readonly string[]) {
  return texts.map((text) => ({ text }))
}
