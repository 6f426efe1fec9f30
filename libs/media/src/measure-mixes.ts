import { REPORTING } from './ffmpeg-args.ts'
import { type ChannelPlan, type Loudness, planLayout } from './plan-downmix.ts'
import { runTool } from './run-tool.ts'
import { planInput, type SoundRange } from './speech-input.ts'
import { ToolFailure } from './tool-failure.ts'

interface MeasureOptions {
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/** Decodes a stretch once and says how loud each way of mixing its channels would be. */
export async function measureMixes(
  range: SoundRange,
  plan: ChannelPlan,
  { timeoutMs, signal }: MeasureOptions,
): Promise<Loudness[]> {
  const reading = readAstats(plan.mixes.length)
  const filters = `${planLayout(plan)}${planMeasuring(plan)}`
  const args = [...REPORTING, ...planInput(range), '-af', filters, '-f', 'null', '-y', 'pipe:1']
  await runTool({ command: 'ffmpeg', args, timeoutMs, signal, onStderrLine: reading.take }).catch(
    (thrown) => {
      // What was measured until ffmpeg gave up will do: the decoding that follows says whether there is any sound.
      if (!(thrown instanceof ToolFailure) || thrown.reason !== 'exit') throw thrown
    },
  )
  return reading.loudness
}

function planMeasuring({ mixes }: ChannelPlan): string {
  const outputs = mixes.map(({ pan }, index) => `c${index}=${pan}`).join('|')
  return `pan=${mixes.length}c|${outputs},astats=measure_perchannel=RMS_level+RMS_peak:measure_overall=none`
}

/**
 * Reads astats' report. A recording that changes its format half-way is reported in several blocks; the
 * loudest counts.
 */
export function readAstats(mixes: number) {
  const loudness = Array.from({ length: mixes }, (): Loudness => ({ ...SILENCE }))
  let current: Loudness | undefined
  return {
    loudness,
    take(line: string) {
      const [, key, value] = /\] (Channel|RMS level dB|RMS peak dB): (\S+)/.exec(line) ?? []
      if (key === 'Channel') current = loudness[Number(value) - 1]
      const db = Number(value)
      if (!current || !Number.isFinite(db)) return
      if (key === 'RMS level dB') current.rmsDb = Math.max(current.rmsDb, db)
      if (key === 'RMS peak dB') current.peakRmsDb = Math.max(current.peakRmsDb, db)
    },
  }
}

const SILENCE: Loudness = { rmsDb: Number.NEGATIVE_INFINITY, peakRmsDb: Number.NEGATIVE_INFINITY }
