import { describe, expect, it } from 'vitest'
import { describeEmbeddings } from './embeddings.conformance.ts'
import { lexicalEmbeddings } from './lexical-embeddings.ts'

describeEmbeddings('lexical hashing', lexicalEmbeddings)

describe('lexicalEmbeddings', () => {
  it('answers the same numbers on every machine and day', async () => {
    const [vector] = await lexicalEmbeddings().embedTexts(['white rabbit'], {
      signal: new AbortController().signal,
      purpose: 'query',
    })

    const places = vector?.flatMap((value, place) => (value === 0 ? [] : [`${place}:${value.toFixed(4)}`]))
    expect(places).toMatchInlineSnapshot(`
      [
        "35:-0.1011",
        "125:-0.5652",
        "128:-0.1011",
        "167:-0.0923",
        "298:-0.1011",
        "474:0.5087",
        "480:-0.1011",
        "481:0.0923",
        "573:0.0923",
        "779:0.0923",
        "831:0.5652",
        "908:0.1011",
        "936:0.0923",
        "981:-0.0923",
      ]
    `)
  })
})
