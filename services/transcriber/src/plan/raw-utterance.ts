export type Given<Value> = Value | null | undefined

/** A word as a provider gives it: any time may be missing, no number at all, or wrong. */
export interface RawWord {
  text: string
  startMs?: Given<number>
  endMs?: Given<number>
  confidence?: Given<number>
}

/** What a provider gives at a time: a segment, a monologue, or all of the text. */
export interface RawUtterance {
  text?: Given<string>
  startMs?: Given<number>
  endMs?: Given<number>
  words?: Given<readonly RawWord[]>
  speaker?: Given<string>
  confidence?: Given<number>
  averageLogProbability?: Given<number>
  noSpeechProbability?: Given<number>
}
