/** A ticket's entry on a stream, as delivered to a consumer. The text is parsed by whoever runs it. */
export interface Delivery {
  stream: string
  entryId: string
  ticket: string
  /** Its last consumer let the lease run out. */
  reclaimed?: boolean
}

export type StreamAnswer = [stream: string, entries: [string, string[] | null][]][] | null

export const deliveriesOf = (answer: StreamAnswer): Delivery[] =>
  (answer ?? []).flatMap(([stream, entries]) => toDeliveries(stream, entries))

/** Reads XREADGROUP's and XAUTOCLAIM's entries. One deleted meanwhile comes without fields: nothing to run. */
export function toDeliveries(stream: string, entries: readonly [string, string[] | null][]): Delivery[] {
  return entries.flatMap(([entryId, fields]) =>
    fields === null ? [] : [{ stream, entryId, ticket: fields[fields.indexOf('ticket') + 1] ?? '' }],
  )
}
