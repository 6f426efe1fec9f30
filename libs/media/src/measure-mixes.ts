import type { ChannelPlan, Loudness } from './plan-downmix.ts'
import { planOnePass } from './plan-extraction.ts'
import { runTool } from './run-tool.ts'
import type { SoundRange } from './speech-input.ts'
import { ToolFailure } from './tool-failure.ts'
import { wavDurationMs } from './wav-duration.ts'

export interface MeasureOptions {
  /** Gets the stretch as the usual mix has it. */
  outPath: string
  soundMs?: number | undefined
  timeoutMs: number
  signal?: AbortSignal | undefined
  onStdoutLine: (line: string) => void
}

export interface Measured {
  /** Of each of the plan's mixes. */
  loudness: Loudness[]
  /** What was written is some sound, and all of the stretch with every sample at its time. */
  isWhole: boolean
  /** The recording was read to the stretch's end, and has no sample in it. */
  isEmpty: boolean
}

/** Decodes a stretch once: says how loud each way of mixing its channels would be, and writes the usual one. */
export async function measureMixes(
  range: SoundRange,
  plan: ChannelPlan,
  { outPath, soundMs, ...run }: MeasureOptions,
): Promise<Measured> {
  const report = readAstats(plan.mixes.length)
  const args = planOnePass(range, plan, { outPath, soundMs })
  const isDone = await runTool({ command: 'ffmpeg', args, ...run, onStderrLine: report.take }).then(
    () => true,
    (thrown) => {
      // What was measured until ffmpeg gave up will do: the decoding that follows says whether there is any sound.
      if (!(thrown instanceof ToolFailure) || thrown.reason !== 'exit') throw thrown
      return false
    },
  )
  const hasSound = isDone && (await wavDurationMs(outPath)) > 0
  return {
    loudness: report.loudness,
    isWhole: hasSound && report.blocks === 1,
    isEmpty: isDone && !hasSound && report.blocks <= 1,
  }
}

/**
 * Reads astats' report. A recording that changes its format half-way is reported in several blocks; the
 * loudest counts.
 */
export function readAstats(mixes: number) {
  const report = {
    loudness: Array.from({ length: mixes }, (): Loudness => ({ ...SILENCE })),
    /** One more than the recording changes its format. */
    blocks: 0,
    take,
  }
  let current: Loudness | undefined
  function take(line: string) {
    const [, key, value] = /\] (Channel|RMS level dB|RMS peak dB): (\S+)/.exec(line) ?? []
    if (key === 'Channel') current = report.loudness[Number(value) - 1]
    if (key === 'Channel' && value === '1') report.blocks += 1
    const db = Number(value)
    if (!current || !Number.isFinite(db)) return
    if (key === 'RMS level dB') current.rmsDb = Math.max(current.rmsDb, db)
    if (key === 'RMS peak dB') current.peakRmsDb = Math.max(current.peakRmsDb, db)
  }
  return report
}

const SILENCE: Loudness = { rmsDb: Number.NEGATIVE_INFINITY, peakRmsDb: Number.NEGATIVE_INFINITY }
