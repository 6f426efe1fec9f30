import { encode as o200k } from 'gpt-tokenizer/encoding/o200k_base'
import { encode as r50k } from 'gpt-tokenizer/encoding/r50k_base'
import { describe, expect, it } from 'vitest'
import { tokensAbout, tokensAtMost } from './tokens.ts'

/** Text that names a tokenizer's own marks is text. */
const AS_TEXT = { disallowedSpecial: new Set<string>() }
const ENGLISH =
  'Alice was beginning to get very tired of sitting by her sister on the bank, and had nothing to do. '

const PROSE: [string, string][] = [
  ['English', ENGLISH],
  ['English as it is heard', 'call me ishmael some years ago never mind how long precisely i a o '],
  ['capitals', 'THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG '],
  ['Russian', 'Мать купила хлеб и молоко. Хлеб был свежий, а дети сели за стол. '],
  ['Chinese', '他砸了自己的脚，然后慢慢地走回家去，心里想着明天的工作。'],
  ['Japanese', '母は市場へ行き、子供たちのためにパンと牛乳を買いました。'],
  ['Korean', '어머니는 시장에 가서 아이들을 위해 빵과 우유를 샀다. '],
  ['Thai', 'แม่ไปตลาดและซื้อขนมปังและนมให้เด็กๆ'],
  ['Hindi', 'माँ बाज़ार गई और बच्चों के लिए रोटी और दूध खरीदा। '],
  ['Georgian', 'დედამ იყიდა პური და რძე ბაზარში. '],
  ['Amharic', 'እናት ዳቦና ወተት ገዛች። '],
  ['Polish', 'Dziewczynka w czerwonym płaszczu poszła przez las do swojej chorej babci. '],
  ['Arabic', 'ذهبت الأم إلى السوق واشترت الخبز والحليب للأطفال. '],
  ['Burmese', 'အမေက ဈေးသွားပြီး ပေါင်မုန့်နဲ့ နို့ ဝယ်ခဲ့တယ်။ '],
]
const ODD: [string, string][] = [
  ['names', "Xzqv Bjrkk Ngũgĩ wa Thiong'o Szczęsny "],
  ['figures', 'In 1914, 28 July; 3.1415926535, 867-5309, 1,234,567. '],
  ['signs', '…!? — “no” (yes) [or] {so}; #$%^&* <|endoftext|> '],
  ['emoji', '👩‍👩‍👧‍👦🎉😀🏳️‍🌈 \ud83d '],
]

describe('tokensAtMost', () => {
  it.each([...PROSE, ...ODD])('is never less than what tokenizers make of %s', (_, text) => {
    const long = text.repeat(10)

    const made = [o200k, r50k].map((encode) => encode(long, AS_TEXT).length)

    expect(tokensAtMost(long)).toBeGreaterThanOrEqual(Math.max(...made))
  })

  it('is at most three times what a current model makes of English', () => {
    const long = ENGLISH.repeat(10)

    expect(tokensAtMost(long)).toBeLessThan(3 * o200k(long).length)
  })

  it('is nothing for nothing', () => {
    expect(tokensAtMost('')).toBe(0)
  })
})

describe('tokensAbout', () => {
  // Of its letters each is two tokens or three to OpenAI's, which knows few words of it.
  it.each(PROSE.filter(([language]) => language !== 'Amharic'))(
    'is near to what a current model makes of %s',
    (_, text) => {
      const long = text.repeat(10)

      const share = tokensAbout(long) / o200k(long).length

      expect(share).toBeGreaterThan(0.75)
      expect(share).toBeLessThan(1.5)
    },
  )

  it('is nothing for nothing', () => {
    expect(tokensAbout('')).toBe(0)
  })
})
