import type { SpeechCapabilities } from '../speech/port.ts'
import type { PartLimits } from './plan-parts.ts'
import { longestMs } from './plan-sound-format.ts'

/** How long the parts of a recording may be for a provider: as configured, unless it takes less, or all there is. */
export function planPartLimits(
  capabilities: Pick<SpeechCapabilities, 'formats' | 'maxBytes' | 'maxDurationMs' | 'wholeRecordings'>,
  partMs: number,
): PartLimits {
  const longest = longestMs(capabilities)
  return { mostMs: capabilities.wholeRecordings ? longest : Math.min(partMs, longest) }
}
