import { textVector } from './text-vector.ts'

/** A numbered piece of what was given, such as a segment to be translated. */
export interface Item {
  id: string | number
  text: string
  /** What stands beside the text, by its name. */
  given: Record<string, unknown>
}

/** A text that is to be answered from, and what can be found in it. */
export interface Reading {
  text: string
  sentences: string[]
  /** The telling words, the most frequent first. */
  terms: string[]
  items: Item[]
}

const COMPARED = 256
const MAX_TERMS = 20

/** Reads a prompt: the last tagged or quoted block of it is what it is about. */
export function readText(prompt: string): Reading {
  const block = lastBlock(prompt)
  const items = itemsOf(block)
  const text = items.length > 0 ? items.map((item) => item.text).join(' ') : block
  const sentences = items.length > 0 ? items.flatMap((item) => sentencesOf(item.text)) : sentencesOf(text)
  return { text, sentences, terms: termsOf(text), items }
}

/** The sentences that are most like all the others, in the order of the text. */
export function centralSentences({ text, sentences }: Reading, count: number): string[] {
  const centre = textVector(text, COMPARED)
  const likeness = (sentence: string) =>
    textVector(sentence, COMPARED).reduce((sum, value, at) => sum + value * (centre[at] ?? 0), 0)
  const ranked = sentences.map((sentence, at) => ({ sentence, at, score: likeness(sentence) }))
  const best = ranked.sort((a, b) => b.score - a.score || a.at - b.at).slice(0, count)
  return best.sort((a, b) => a.at - b.at).map(({ sentence }) => sentence)
}

function lastBlock(prompt: string): string {
  const tagged = [...prompt.matchAll(/<([\w-]+)[^<>]*>\s*([\s\S]*?)\s*<\/\1>/g)].at(-1)
  const fenced = [...prompt.matchAll(/(?:```|""")\w*\n([\s\S]*?)(?:```|""")/g)].at(-1)
  return (tagged?.[2] ?? fenced?.[1] ?? prompt).trim()
}

/** Objects of a JSON array with an id and a text, or lines such as `[12] text`, `12: text`, `12<tab>text`. */
function itemsOf(block: string): Item[] {
  const start = block.search(/[[{]/)
  if (start >= 0) {
    const listed = jsonItems(block.slice(start))
    if (listed.length > 0) return listed
  }
  const lines = block.split('\n').filter((line) => line.trim() !== '')
  const numbered = lines.map((line) => /^\s*[[(#]?(\d+)[\])]?[.:)\t ]+\s*(.*\S)/.exec(line))
  if (lines.length === 0 || !numbered.every(Boolean)) return []
  return numbered.map((match) => ({ id: Number(match?.[1]), text: match?.[2] ?? '', given: {} }))
}

function jsonItems(json: string): Item[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return []
  }
  const list = Array.isArray(value) ? value : Object.values(value ?? {}).find(Array.isArray)
  if (!Array.isArray(list)) return []
  return list.flatMap((each: unknown, index): Item[] => {
    if (typeof each === 'string') return [{ id: index, text: each, given: {} }]
    const given = (each ?? {}) as Record<string, unknown>
    const text = given.text ?? given.source ?? given.content
    const id = given.id ?? given.index ?? given.i ?? given.n ?? given.number ?? index
    return typeof text === 'string' ? [{ id: id as string | number, text, given }] : []
  })
}

function sentencesOf(text: string): string[] {
  const sentences = text
    .split(/(?<=[.!?。！？])\s+|\n+/u)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => /\p{L}/u.test(sentence))
  return sentences.length > 0 ? sentences : text.trim() === '' ? [] : [text.trim()]
}

function termsOf(text: string): string[] {
  const counts = new Map<string, number>()
  for (const word of text.toLowerCase().match(/\p{L}{5,}/gu) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1)
  const ranked = [...counts].sort((a, b) => b[1] - a[1])
  return ranked.slice(0, MAX_TERMS).map(([word]) => word)
}
