import type { Phrase } from './candidate-phrases.ts'

const MOST_TAGS = 10
const FEWEST_TAGS = 5
/** A page of text is about fewer things than an hour is. */
const PHRASES_PER_TAG = 5
/** "time traveller" says more than "traveller". */
const WORTH_PER_EXTRA_WORD = 0.5
const IN_TITLE = 1.5

interface Candidate {
  count: number
  score: number
  stems: readonly string[]
  /** How often it was said in which form. */
  forms: Map<string, number>
}

/**
 * The tags of a text from the phrases it uses: the most frequent first, longer ones preferred, each thing
 * once however it is inflected. Deterministic: ties go to what was said first.
 */
export function planTags(phrases: readonly Phrase[], titleStems: readonly string[] = []): string[] {
  const candidates = countPhrases(phrases)
  const inTitle = new Set(titleStems)
  for (const candidate of candidates) candidate.score = worth(candidate, inTitle)

  const wanted = Math.min(MOST_TAGS, Math.max(FEWEST_TAGS, Math.round(phrases.length / PHRASES_PER_TAG)))
  const chosen: Candidate[] = []
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score)) {
    if (chosen.length === wanted) break
    if (!chosen.some((other) => sameThing(other, candidate))) chosen.push(candidate)
  }
  return chosen.map(mostUsedForm)
}

function countPhrases(phrases: readonly Phrase[]): Candidate[] {
  const candidates = new Map<string, Candidate>()
  for (const { words, stems } of phrases) {
    for (const part of partsOf(words, stems)) {
      const candidate = candidates.get(part.key) ?? {
        count: 0,
        score: 0,
        stems: part.stems,
        forms: new Map(),
      }
      candidate.count += 1
      candidate.forms.set(part.form, (candidate.forms.get(part.form) ?? 0) + 1)
      candidates.set(part.key, candidate)
    }
  }
  return [...candidates.values()]
}

/** A phrase counts for itself and for its last word: "white rabbit" is said of the rabbit too. */
function partsOf(words: readonly string[], stems: readonly string[]) {
  const starts = words.length > 1 ? [0, words.length - 1] : [0]
  return starts.map((start) => ({
    key: stems.slice(start).join(' '),
    stems: stems.slice(start),
    form: words.slice(start).join(' '),
  }))
}

function worth({ count, stems }: Candidate, inTitle: ReadonlySet<string>): number {
  const titled = stems.some((stem) => inTitle.has(stem)) ? IN_TITLE : 1
  return count * (1 + (stems.length - 1) * WORTH_PER_EXTRA_WORD) * titled
}

/** One is part of the other: "rabbit" beside "white rabbit" says nothing new. */
function sameThing(a: Candidate, b: Candidate): boolean {
  const [small, large] = a.stems.length <= b.stems.length ? [a.stems, b.stems] : [b.stems, a.stems]
  return small.every((stem) => large.includes(stem))
}

function mostUsedForm({ forms }: Candidate): string {
  let best = ''
  let bestCount = 0
  for (const [form, count] of forms) {
    if (count > bestCount) [best, bestCount] = [form, count]
  }
  return best
}
