import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { abortableDelay, withTimeout } from './time.ts'

const PREFIX = 'scriptorium_'
/** Whoever scrapes gives up after ten seconds by default, and then has nothing at all. */
const COLLECT_TIMEOUT_MS = 2_000
/** The event loop's lag is sampled every 10 ms, from the second time on: without any it would be given as 292 years. */
const FIRST_SAMPLES = { times: 3, everyMs: 11 }

interface MetricOptions<Label extends string> {
  /** Without the prefix that all of ours have. */
  name: string
  help: string
  labelNames?: readonly Label[]
}

interface GaugeOptions<Label extends string> extends MetricOptions<Label> {
  labelNames: readonly Label[]
  /** Asked at each scrape. Where it fails or takes longer than two seconds, the gauge is left out. */
  collect: () => Promise<[labels: Record<Label, string>, value: number][]>
}

export interface Exposition {
  contentType: string
  text: string
}

/** What a process counts and measures, in Prometheus' text format. */
export interface Metrics {
  /** A number that only grows; its name ends in `_total`. */
  counter<Label extends string = never>(options: MetricOptions<Label>): Counter<Label>
  /** How observations are spread, in base units; its name ends in `_seconds` or `_bytes`. */
  histogram<Label extends string = never>(
    options: MetricOptions<Label> & { buckets: number[] },
  ): Histogram<Label>
  /** What is so at the moment. */
  gauge<Label extends string>(options: GaugeOptions<Label>): void
  /** For `GET /metrics`; never rejects. */
  exposition(): Promise<Exposition>
}

export type { Counter, Histogram } from 'prom-client'

/**
 * One for each process. With `nodejs`, Node's own measures are in it: memory, event loop lag, garbage collection. They
 * begin with the first scrape: to sample the lag wakes a process a hundred times a second, which takes 0.5 % of a core
 * where nobody asks and nothing else is to be done.
 */
export function createMetrics({ nodejs = false } = {}): Metrics {
  const registry = new Registry()
  let measuring: Promise<void> | undefined = nodejs ? undefined : Promise.resolve()
  const described = <Label extends string>({ name, help, labelNames = [] }: MetricOptions<Label>) => ({
    name: `${PREFIX}${name}`,
    help,
    labelNames,
    registers: [registry],
  })
  return {
    counter: (options) => new Counter(described(options)),
    histogram: (options) => new Histogram({ ...described(options), buckets: options.buckets }),
    gauge: (options) => {
      new Gauge({ ...described(options), collect: collecting(options) })
    },
    async exposition() {
      measuring ??= measureNode(registry)
      await measuring
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

async function measureNode(register: Registry): Promise<void> {
  collectDefaultMetrics({ register })
  for (let time = 0; time < FIRST_SAMPLES.times; time += 1) await abortableDelay(FIRST_SAMPLES.everyMs)
}

/** What was so a minute ago must not be shown as if it were now. */
function collecting<Label extends string>({ collect }: GaugeOptions<Label>) {
  return async function (this: Gauge<Label>): Promise<void> {
    const values = await withTimeout(collect, COLLECT_TIMEOUT_MS, 'gauge-timeout').catch(() => [])
    this.reset()
    for (const [labels, value] of values) this.set(labels, value)
  }
}
