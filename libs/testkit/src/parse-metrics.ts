export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface MetricFamily {
  type: string
  help: string
  samples: Sample[]
}

const SAMPLE = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>[^ ]+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/g

/**
 * Reads Prometheus' text format by its rules, and throws where a line breaks one: a sample without its family's HELP
 * and TYPE before it, a family or a sample that comes twice, a histogram whose buckets do not add up.
 */
export function parseMetrics(text: string): Map<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed')
  const families = new Map<string, MetricFamily>()
  const seen = new Set<string>()
  for (const line of text.split('\n').filter((it) => it !== '')) {
    if (line.startsWith('#')) describe(families, line)
    else if (seen.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`twice: ${line}`)
    else addSample(families, line)
    seen.add(line.slice(0, line.lastIndexOf(' ')))
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family)
  return families
}

/** One sample's value; undefined where there is none with exactly these labels. */
export function sampleOf(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = keyOf(labels)
  const samples = [...families.values()].flatMap((family) => family.samples)
  return samples.find((sample) => sample.name === name && keyOf(sample.labels) === wanted)?.value
}

function describe(families: Map<string, MetricFamily>, line: string): void {
  const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
  if (keyword === undefined) throw new Error(`neither HELP nor TYPE: ${line}`)
  const family = families.get(name) ?? { type: '', help: '', samples: [] }
  const field = keyword === 'HELP' ? 'help' : 'type'
  if (family[field] !== '') throw new Error(`twice: ${line}`)
  if (field === 'type' && !/^(counter|gauge|histogram|summary)$/.test(rest))
    throw new Error(`no type: ${line}`)
  families.set(name, { ...family, [field]: rest })
}

function addSample(families: Map<string, MetricFamily>, line: string): void {
  const { name = '', labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {}
  const number = value === '+Inf' ? Infinity : Number(value)
  if (name === '' || (Number.isNaN(number) && value !== 'Nan')) throw new Error(`no sample: ${line}`)
  const pairs = [...labels.matchAll(LABEL)]
  if (pairs.map(([pair]) => pair).join('') !== labels) throw new Error(`wrong labels: ${line}`)
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
  if (!family?.type || !family.help) throw new Error(`no HELP and TYPE before: ${line}`)
  if (family.type === 'counter' && !name.endsWith('_total')) throw new Error(`a counter's name: ${line}`)
  family.samples.push({
    name,
    labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text])),
    value: number,
  })
}

function checkHistogram(name: string, { samples }: MetricFamily): void {
  const series = Map.groupBy(samples, ({ labels: { le, ...others } }) => keyOf(others))
  for (const [labels, some] of series) {
    const buckets = some.filter((sample) => sample.name === `${name}_bucket`)
    const counts = buckets.map(({ value }) => value)
    const count = some.find((sample) => sample.name === `${name}_count`)?.value
    const grows = counts.every((value, index) => value >= (counts[index - 1] ?? 0))
    if (!grows || buckets.at(-1)?.labels.le !== '+Inf' || counts.at(-1) !== count) {
      throw new Error(`the buckets of ${name} ${labels} do not add up`)
    }
  }
}

const keyOf = (labels: Record<string, string>): string => JSON.stringify(Object.entries(labels).sort())
