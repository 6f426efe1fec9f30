import type { Heard } from '../hearing/heard.ts'
import { spokenItems, timed } from './from-sound.ts'
import { centralSentences, type Item, type Reading } from './read-text.ts'
import { resolved, type Schema, typeOf } from './schema.ts'

/** What an answer is made of. */
export interface Material {
  reading: Reading
  heard?: Heard | undefined
  /** To be translated into, where the prompt says so. */
  target?: string | undefined
}

interface Place {
  root: Schema
  /** The property this is the value of. */
  name: string
  /** Which of a list's elements, from 0. */
  index: number
  item?: Item | undefined
}

const DEFAULT_ITEMS = 5
/** Of a long text, spread over it: show notes, points. */
const MOST_PICKED = 8
const SUMMARY_WORDS = 60
const TERM_NAMES = /tag|topic|keyword|categor|subject|label|term|genre|theme|entit/i
const TITLE_NAMES = /title|headline|name/i
const ID_NAMES = /^(id|index|i|n|number)$/i
const POINTER_NAMES = /^(segment|line)$/i

/** A value that is valid under the schema and says nothing that the material does not. */
export function answerBySchema(schema: Schema, material: Material): unknown {
  return answerTo(schema, material, { root: schema, name: '', index: 0 })
}

function answerTo(schema: Schema, material: Material, place: Place): unknown {
  const asked = resolved(schema, place.root)
  if (asked.const !== undefined) return asked.const
  if (asked.enum) return chosen(asked.enum, material.reading)
  switch (typeOf(asked)) {
    case 'object':
      return objectOf(asked, material, place)
    case 'array':
      return listOf(asked, material, place)
    case 'integer':
    case 'number':
      return numberOf(asked, material, place)
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return fitted(stringOf(material, place), asked)
  }
}

function objectOf({ properties = {} }: Schema, material: Material, place: Place) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      answerTo(schema, material, { ...place, name }),
    ]),
  )
}

/** A list of objects is told item by item of what was given or said; one of strings names terms or sentences. */
function listOf({ items = {}, minItems = 0, maxItems = Infinity }: Schema, material: Material, place: Place) {
  const element = resolved(items, place.root)
  const isOfObjects = typeOf(element) === 'object'
  const given = isOfObjects ? itemsFor(element, material) : material.reading.items
  const isEcho = given.length > 0 && (isOfObjects || !TERM_NAMES.test(place.name))
  const wanted = isEcho
    ? given.length
    : Math.min(DEFAULT_ITEMS, sourcesFor(place.name, material.reading).length)
  const count = Math.max(Number(minItems), Math.min(Number(maxItems), wanted))
  return Array.from({ length: count }, (_, index) =>
    answerTo(element, material, { ...place, index, item: isEcho ? given[index] : undefined }),
  )
}

/** All that was said, or every numbered line; of lines that are only pointed at, some. */
function itemsFor({ properties = {} }: Schema, { heard, reading }: Material): readonly Item[] {
  const names = Object.keys(properties)
  if (heard) return spokenItems(heard, names)
  if (names.some((name) => ID_NAMES.test(name))) return reading.items
  if (!names.some((name) => POINTER_NAMES.test(name))) return []
  const step = Math.max(1, reading.items.length / MOST_PICKED)
  const picked = Array.from({ length: MOST_PICKED }, (_, index) => reading.items[Math.floor(index * step)])
  return [...new Set(picked)].filter((item) => item !== undefined)
}

function sourcesFor(name: string, { terms, sentences }: Reading): string[] {
  return TERM_NAMES.test(name) ? terms : sentences
}

function stringOf({ reading, heard, target }: Material, { name, index, item }: Place): string {
  if (item) return timed(name, item) ?? echoed(name, item, target)
  if (/^lang/i.test(name)) return heard?.language ?? 'en'
  if (heard) return reading.text
  if (TERM_NAMES.test(name)) return reading.terms[index] ?? reading.sentences[0] ?? ''
  if (TITLE_NAMES.test(name)) return titleOf(reading)
  if (/sentiment|mood|tone/i.test(name)) return 'neutral'
  const isOneOfMany = index > 0 || /sentence|quote|highlight|point|question/i.test(name)
  return isOneOfMany ? (reading.sentences[index] ?? '') : summaryOf(reading)
}

function echoed(name: string, { id, text, given }: Item, target: string | undefined): string {
  if (ID_NAMES.test(name)) return String(id)
  const same = given[name]
  if (typeof same === 'string' && name !== 'text') return same
  return target ? `[${target}] ${text}` : text
}

function numberOf(schema: Schema, { heard }: Material, { name, item, index }: Place): number {
  const isId = ID_NAMES.test(name) || POINTER_NAMES.test(name)
  const least = schema.minimum ?? (schema.exclusiveMinimum === undefined ? 0 : schema.exclusiveMinimum + 1)
  const told = item ? Number(isId ? item.id : (item.given[name] ?? index)) : isId ? index : undefined
  const value = told ?? (/confidence|score|probab/i.test(name) && heard ? 0.9 : least)
  const within = Math.min(schema.maximum ?? Infinity, Math.max(least, value))
  return typeOf(schema) === 'integer' ? Math.round(within) : within
}

/** The choice that the text speaks of; a neutral one, else the first. */
function chosen(choices: readonly unknown[], { text }: Reading): unknown {
  const lower = text.toLowerCase()
  const spoken = choices.find(
    (choice) => typeof choice === 'string' && choice.length > 3 && lower.includes(choice),
  )
  return spoken ?? choices.find((choice) => choice === 'neutral') ?? choices[0]
}

function titleOf({ sentences }: Reading): string {
  const words = (sentences[0] ?? 'Untitled').split(' ').slice(0, 6).join(' ')
  return words.replace(/[.,;:!?]+$/, '')
}

/** Whole sentences where there is room for one; never as long as what it is about. */
function summaryOf(reading: Reading): string {
  const most = Math.min(SUMMARY_WORDS, Math.ceil(reading.text.split(' ').length / 2))
  for (let count = 3; count > 0; count -= 1) {
    const summary = centralSentences(reading, count).join(' ')
    if (summary.split(' ').length <= most) return summary
  }
  return centralSentences(reading, 1).join(' ').split(' ').slice(0, most).join(' ')
}

function fitted(text: string, { minLength = 0, maxLength = Infinity }: Schema): string {
  const cut = text.slice(0, Number(maxLength))
  return cut.padEnd(Number(minLength), '.')
}
