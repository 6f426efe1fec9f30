import { Summary, Tags } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import type { LanguageModel, Reading } from './port.ts'

/** From Alice's Adventures in Wonderland (1865), as a recogniser without punctuation gives it. */
const HEARD = [
  'alice was beginning to get very tired of sitting by her sister on the bank and of having nothing to do',
  'once or twice she had peeped into the book her sister was reading',
  'but it had no pictures or conversations in it',
  'and what is the use of a book thought alice without pictures or conversations',
  'so she was considering in her own mind as well as she could',
  'whether the pleasure of making a daisy chain would be worth the trouble of getting up and picking the daisies',
  'when suddenly a white rabbit with pink eyes ran close by her',
]

export const ALICE: Reading = {
  title: "Alice's Adventures in Wonderland",
  author: 'Lewis Carroll',
  language: 'en',
  segments: HEARD.map((text, index) => ({ text, startMs: index * 4000, endMs: index * 4000 + 3500 })),
}

/** Every language model passes this, so summaries and tags can be asked of any. */
export function describeLanguageModel(
  name: string,
  make: () => LanguageModel | Promise<LanguageModel>,
): void {
  describe(`${name}, as any language model`, () => {
    it('summarises in fewer words than were said, and says who did', async () => {
      const model = await make()

      const summary = Summary.parse(await model.summarize(ALICE, unhurried()))

      expect(summary).toMatchObject({ provider: model.provider, model: model.model })
      expect(summary.text).not.toBe('')
      expect(summary.text.split(' ').length).toBeLessThan(HEARD.join(' ').split(' ').length)
    })

    it('names three to ten things a text is about, in lower case and each once', async () => {
      const model = await make()

      const answer = Tags.parse(await model.tag(ALICE, unhurried()))

      expect(answer).toMatchObject({ provider: model.provider, model: model.model })
      expect(answer.tags.length).toBeGreaterThanOrEqual(3)
      expect(answer.tags.length).toBeLessThanOrEqual(10)
      expect(new Set(answer.tags).size).toBe(answer.tags.length)
      expect(answer.tags).toEqual(answer.tags.map((tag) => tag.trim().toLowerCase()))
    })

    it.each([
      ['no segments', []],
      ['segments without a word', [{ text: ' … ', startMs: 0, endMs: 1000 }]],
    ])('invents nothing from %s', async (_, segments) => {
      const model = await make()

      const summary = await model.summarize({ title: 'Silence', segments }, unhurried())
      const { tags } = await model.tag({ title: 'Silence', segments }, unhurried())

      expect(summary.text).toBe('No speech was found in this recording.')
      expect(tags).toEqual([])
    })

    it('takes other languages and scripts as they come', async () => {
      const model = await make()
      const segments = [
        { text: 'Мать купила хлеб и молоко. Хлеб был свежий, а молоко холодное.', startMs: 0, endMs: 5000 },
        { text: '他砸了自己的脚。', startMs: 5000, endMs: 7000 },
      ]

      const summary = await model.summarize({ title: '本', language: 'ru', segments }, unhurried())
      const { tags } = await model.tag({ title: '本', language: 'ru', segments }, unhurried())

      expect(summary.text).not.toBe('')
      expect(tags.length).toBeLessThanOrEqual(10)
    })

    it.each(['summarize', 'tag'] as const)('stops %s with the reason it was given', async (task) => {
      const model = await make()
      const abort = new AbortController()
      const reason = new Error('taken over')

      const answer = model[task](ALICE, { signal: abort.signal })
      abort.abort(reason)

      await expect(answer).rejects.toBe(reason)
    })
  })
}

function unhurried() {
  return { signal: new AbortController().signal }
}
