/** One word of a query in the form it is indexed in. */
export interface Term {
  lexeme: string
  /** Passages that have it, counted no further than COMMON. */
  passages: number
}

/** In this many passages or more a word is too common to look for: ranking them all would take seconds. */
export const COMMON = 5_000
/** A quotation is found by far fewer; the rarest say the most. */
const MOST_TERMS = 32

export interface TextQuery {
  /** Postgres tsquery: passages worth ranking. */
  worthRanking: string
  /** A tsquery for each term; a passage with more of them comes first. */
  terms: string[]
  /** A tsquery with any of them. */
  any: string
}

/**
 * Which passages to rank for a query, and by what: those with any of its rarer words, for some words may have been
 * misheard, and those with all of its words, however common. Undefined where no word is left, as of "to be or not".
 */
export function planTextQuery(found: readonly Term[]): TextQuery | undefined {
  const terms = found.toSorted((a, b) => a.passages - b.passages).slice(0, MOST_TERMS)
  if (terms.length === 0) return undefined
  const rare = terms.filter((term, index) => term.passages < COMMON || index === 0)
  const quoted = terms.map(quote)
  return {
    worthRanking: [`(${quoted.join(' & ')})`, ...rare.map(quote)].join(' | '),
    terms: quoted,
    any: quoted.join(' | '),
  }
}

/** As tsquery input wants it: https://www.postgresql.org/docs/current/datatype-textsearch.html */
function quote({ lexeme }: Term): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
