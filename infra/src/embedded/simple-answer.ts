import { frameSize } from './wire.ts'

/** Parsed, bound, no rows to come: five bytes each. */
const STEPS = '12n'
/** What may come between them: a notice, a changed setting. */
const ASIDES = 'NS'

/**
 * Makes of the answer to a statement that was parsed, bound and executed what a simple query is answered with, which
 * knows no such steps. Takes the answer piece by piece; notices come in pieces of their own.
 */
export function simpleAnswer(): (piece: Uint8Array) => Uint8Array {
  let areStepsOver = false
  /** Of an aside, still to come. */
  let asideBytes = 0

  return (piece) => {
    if (areStepsOver) return piece
    const kept: Uint8Array[] = []
    let at = 0
    while (at < piece.length && !areStepsOver) {
      const type = String.fromCharCode(piece[at] as number)
      if (asideBytes > 0 || ASIDES.includes(type)) keepAside()
      else if (STEPS.includes(type)) at += 5
      else areStepsOver = true
    }
    return Buffer.concat([...kept, piece.subarray(at)])

    function keepAside(): void {
      asideBytes ||= frameSize(Buffer.from(piece.subarray(at, at + 5)), false) ?? 0
      const part = piece.subarray(at, at + asideBytes)
      kept.push(part)
      at += part.length
      asideBytes -= part.length
    }
  }
}
