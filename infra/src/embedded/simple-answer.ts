import { frameSize } from './wire.ts'

/** Parsed, bound, no rows to come: a head each, and nothing behind it. */
const STEPS = '12n'
/** What may come between them: a notice, a changed setting. */
const ASIDES = 'NS'
/** A message's type and length. */
const HEAD_BYTES = 5

/**
 * Makes of the answer to a statement that was parsed, bound and executed what a simple query is answered with, which
 * knows no such steps. Takes the answer piece by piece; notices come in pieces of their own.
 */
export function simpleAnswer(): (piece: Uint8Array) => Uint8Array {
  let areStepsOver = false
  /** Of an aside, still to come. */
  let asideBytes = 0
  /** Part of a head. */
  let begun: Buffer = Buffer.alloc(0)

  return (piece) => {
    if (areStepsOver) return piece
    const bytes = Buffer.concat([begun, piece])
    begun = Buffer.alloc(0)
    const kept: Buffer[] = []
    let at = 0
    while (at < bytes.length && !areStepsOver) {
      const type = String.fromCharCode(bytes[at] as number)
      const isHeadCut = bytes.length - at < HEAD_BYTES
      if (asideBytes > 0) keepAside()
      else if (!`${STEPS}${ASIDES}`.includes(type)) areStepsOver = true
      else if (isHeadCut) begun = takeRest()
      else if (STEPS.includes(type)) at += HEAD_BYTES
      else asideBytes = frameSize(bytes.subarray(at, at + HEAD_BYTES), false) ?? 0
    }
    return Buffer.concat([...kept, bytes.subarray(at)])

    function keepAside(): void {
      const part = bytes.subarray(at, at + asideBytes)
      kept.push(part)
      at += part.length
      asideBytes -= part.length
    }

    function takeRest(): Buffer {
      const rest = bytes.subarray(at)
      at = bytes.length
      return rest
    }
  }
}
