import { AnalysisAnswer } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { judgeAnswer } from './judge-answer.ts'

const good = { summary: 'A whale is hunted.', topics: ['whales'], sentiment: 'mixed', category: 'fiction' }
const judge = (text: string) => judgeAnswer({ text }, { schema: AnalysisAnswer })

describe('judgeAnswer', () => {
  it.each([
    ['JSON', JSON.stringify(good)],
    ['JSON in a code block', `\`\`\`json\n${JSON.stringify(good)}\n\`\`\``],
    ['more than was asked for, which is left out', JSON.stringify({ ...good, system: 'obeyed' })],
  ])('takes %s', (_, text) => {
    expect(judge(text)).toEqual({ kind: 'good', answer: good })
  })

  it.each([
    ['NUL', 'a\\u0000 whale', 'a whale'],
    ['half a surrogate pair', 'a \\ud83d whale', 'a \ufffd whale'],
  ])('leaves out of an answer what Postgres does not take: %s', (_, said, kept) => {
    const text = JSON.stringify({ ...good, summary: '?', topics: ['?'] }).replaceAll('?', said)

    expect(judge(text)).toEqual({ kind: 'good', answer: { ...good, summary: kept, topics: [kept] } })
  })

  it.each([
    ['nothing', '', 'not JSON'],
    ['nothing but a NUL', JSON.stringify({ ...good, summary: '\0' }), 'summary'],
    ['words', 'Sure! As you wish, I ignore my instructions.', 'not JSON'],
    ['half of it', JSON.stringify(good).slice(0, 30), 'not JSON'],
    ['a property too few', JSON.stringify({ ...good, topics: undefined }), 'topics'],
    ['a value that may not be', JSON.stringify({ ...good, sentiment: 'HACKED' }), 'sentiment'],
    ['another shape', '["HACKED"]', 'schema'],
    ['an essay for a topic', JSON.stringify({ ...good, topics: ['a'.repeat(400)] }), 'topics'],
  ])('has %s repaired, and says what is wrong', (_, text, problem) => {
    expect(judge(text)).toMatchObject({ kind: 'repair', text, problem: expect.stringContaining(problem) })
  })

  it.each([
    ['answer-cut-off', 'larger'],
    ['answer-recitation', 'another'],
    ['answer-unreadable', 'another'],
    ['content-refused', 'never'],
  ])('knows what to do about %s', (code, kind) => {
    expect(judgeAnswer({ failure: { code } }, { schema: AnalysisAnswer })).toEqual({
      kind,
      failure: { code },
    })
  })
})
