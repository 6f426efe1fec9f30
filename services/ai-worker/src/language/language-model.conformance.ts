import { Analysis, Description, Summary, Tags, Translation } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import type { LanguageModel, LanguageOptions, Reading } from './port.ts'

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
  segments: HEARD.map((text, index) => ({
    ...{ text, startMs: index * 4000, endMs: index * 4000 + 3500 },
    ...(index === 2 ? { speaker: 'A' } : {}),
  })),
}

export const TASKS = ['summarize', 'tag', 'analyze', 'describe', 'translate'] as const

/** Each of the five, so that what holds for all can be said once. */
export function perform(
  model: LanguageModel,
  task: (typeof TASKS)[number],
  reading: Reading,
  options = unhurried(),
) {
  return task === 'translate'
    ? model.translate({ ...reading, into: 'de' }, options)
    : model[task](reading, options)
}

export const unhurried = (): LanguageOptions => ({ signal: new AbortController().signal })

interface Suite {
  make: () => LanguageModel | Promise<LanguageModel>
  /** Not all can. One that can't says so. */
  translates: boolean
}

/** Every language model passes this, so that each task can be asked of any. */
export function describeLanguageModel(name: string, { make, translates }: Suite): void {
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
      expectTags(answer.tags)
    })

    it('analyses: a summary, topics, and what it can judge', async () => {
      const model = await make()

      const analysis = Analysis.parse(await model.analyze(ALICE, unhurried()))

      expect(analysis).toMatchObject({ provider: model.provider, model: model.model })
      expect(analysis.summary).not.toBe('')
      expect(analysis.topics.length).toBeGreaterThan(0)
    })

    it('describes: a title, a text, tags, and places that are segments’ own, in order', async () => {
      const model = await make()

      const { title, description, tags, showNotes } = Description.parse(
        await model.describe(ALICE, unhurried()),
      )

      expect(title).not.toBe('')
      expect(description).not.toBe('')
      expectTags(tags)
      const starts = ALICE.segments.map(({ startMs }) => startMs)
      expect(showNotes.every(({ startMs, text }) => starts.includes(startMs) && text !== '')).toBe(true)
      expect(showNotes).toEqual(showNotes.toSorted((a, b) => a.startMs - b.startMs))
    })

    it.runIf(translates)('translates segment by segment, with their times and speakers', async () => {
      const model = await make()
      const silent = { text: ' … ', startMs: 28_000, endMs: 29_000 }
      const reading = { ...ALICE, segments: [...ALICE.segments, silent], into: 'de' }

      const translation = Translation.parse(await model.translate(reading, unhurried()))

      expect(translation).toMatchObject({ model: model.model, language: 'de', sourceLanguage: 'en' })
      expect(translation.segments.map(({ text: _, ...rest }) => rest)).toEqual(
        reading.segments.map(({ text: _, ...rest }) => rest),
      )
      expect(translation.segments.map(({ text }) => text !== '')).toEqual([...HEARD.map(() => true), false])
    })

    it.runIf(!translates)('says that it can not translate', async () => {
      const model = await make()

      await expect(model.translate({ ...ALICE, into: 'de' }, unhurried())).rejects.toMatchObject({
        code: 'translation-not-available',
      })
    })

    it.each([
      ['no segments', []],
      ['segments without a word', [{ text: ' … ', startMs: 0, endMs: 1000 }]],
    ])('invents nothing from %s', async (_, segments) => {
      const model = await make()
      const silence = { title: 'Silence', segments }
      const nothing = 'No speech was found in this recording.'

      expect((await model.summarize(silence, unhurried())).text).toBe(nothing)
      expect((await model.tag(silence, unhurried())).tags).toEqual([])
      expect(await model.analyze(silence, unhurried())).toMatchObject({
        ...{ summary: nothing, topics: [], sentiment: null, category: null },
      })
      expect(await model.describe(silence, unhurried())).toMatchObject({
        ...{ title: 'Silence', description: nothing, tags: [], showNotes: [] },
      })
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

    it.each(TASKS)('stops %s with the reason it was given', async (task) => {
      const model = await make()
      const abort = new AbortController()
      const reason = new Error('taken over')

      const answer = perform(model, task, ALICE, { signal: abort.signal })
      abort.abort(reason)

      await expect(answer).rejects.toBe(reason)
    })
  })
}

function expectTags(tags: readonly string[]): void {
  expect(tags.length).toBeGreaterThanOrEqual(3)
  expect(tags.length).toBeLessThanOrEqual(10)
  expect(new Set(tags).size).toBe(tags.length)
  expect(tags).toEqual(tags.map((tag) => tag.trim().toLowerCase()))
}
