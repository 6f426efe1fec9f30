import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { extractClip } from '@app/media'
import { assess, type Metric } from '../report/assess.ts'
import type { Result } from '../run-rows.ts'
import { type ClipMaterial, clipMaterial } from './clip-material.ts'
import { plainCommand, plainCommands } from './plain-commands.ts'

interface MediaOptions {
  runs: number
  /** Of a minute. */
  scale: number
  only: string
  /** Processes come and go in some tens of milliseconds: several at a time are told apart better. Default 2. */
  timesEach?: number
}

type Side = (material: ClipMaterial, directory: string) => Promise<unknown>

const MOST_TIMES = 1.1

const SIDES: Readonly<Record<string, Side>> = {
  ours: ({ files }, directory) => extractClip(files, { directory }),
  'plain commands': plainCommands,
  'one plain command': plainCommand,
}

/** What taking a clip apart costs beside the same work by ffmpeg's own commands; sides take turns. */
export async function measureMedia({ runs, timesEach = 2, ...wanted }: MediaOptions): Promise<Result[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'scriptorium-bench-'))
  try {
    const results: Result[] = []
    for (const clip of await clipMaterial(directory, wanted)) {
      console.error(`measuring: ${clip.title}`)
      results.push(await compare(clip, { out: path.join(directory, 'out'), runs, timesEach }))
    }
    return results
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface CompareOptions {
  out: string
  runs: number
  timesEach: number
}

async function compare(clip: ClipMaterial, { out, runs, timesEach }: CompareOptions): Promise<Result> {
  const metric: Metric = {
    name: `${clip.title}, wall time`,
    ...{ key: 'ms', unit: 'ms', better: 'lower' as const },
    bars: ['plain commands', 'one plain command'].map((against) => ({ against, ratio: MOST_TIMES })),
  }
  const samples: Record<string, number[]> = Object.fromEntries(Object.keys(SIDES).map((name) => [name, []]))
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, side] of turns(run)) {
      const ms = await timed(() => side(clip, out), out, timesEach)
      // The first warms the disk's cache up.
      if (run > 0) samples[name]?.push(ms)
    }
  }
  return { metric, measurements: assess(metric, samples) }
}

/** Each run begins with another one. */
function turns(run: number): [string, Side][] {
  const sides = Object.entries(SIDES)
  const first = run % sides.length
  return [...sides.slice(first), ...sides.slice(0, first)]
}

async function timed(work: () => Promise<unknown>, out: string, timesEach: number): Promise<number> {
  let ms = 0
  for (let times = 0; times < timesEach; times += 1) {
    await rm(out, { recursive: true, force: true })
    await mkdir(out)
    const begun = performance.now()
    await work()
    ms += performance.now() - begun
  }
  return ms / timesEach
}
