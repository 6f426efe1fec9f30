import { describe, expect, it } from 'vitest'
import { describeEmbeddings } from './embeddings.conformance.ts'
import { embeddingsFrom } from './embeddings-from.ts'
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
        "55:0.1414",
        "76:0.1291",
        "87:0.1414",
        "90:0.6325",
        "102:0.1291",
        "165:0.1291",
        "277:0.1291",
        "279:0.1414",
        "443:0.1291",
        "447:0.6325",
        "456:-0.1414",
        "479:-0.1291",
        "482:-0.1414",
      ]
    `)
  })
})

describe('embeddingsFrom', () => {
  it.each(['auto', 'local'] as const)('embeds on this machine by default (%s)', (provider) => {
    expect(embeddingsFrom({ EMBEDDINGS_PROVIDER: provider })).toMatchObject({ provider: 'local' })
  })

  it.each(['openai', 'gemini'] as const)('refuses %s until it is built, naming the variable', (provider) => {
    expect(() => embeddingsFrom({ EMBEDDINGS_PROVIDER: provider })).toThrow(`EMBEDDINGS_PROVIDER=${provider}`)
  })
})
