import { describe, expect, it } from 'vitest'
import { continueTrace } from './trace.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('continueTrace', () => {
  it.each([
    ['a sampled trace', `00-${TRACE}-${SPAN}-01`, '01'],
    ['a trace that nobody keeps', `00-${TRACE}-${SPAN}-00`, '00'],
    ['a header of a later version that says more', `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, '01'],
  ])('goes on with %s, as a piece of work of its own', (_, header, flags) => {
    const trace = continueTrace(header)

    expect(trace.traceId).toBe(TRACE)
    expect(trace.spanId).toMatch(/^[\da-f]{16}$/)
    expect(trace.spanId).not.toBe(SPAN)
    expect(trace.traceparent).toBe(`00-${TRACE}-${trace.spanId}-${flags}`)
  })

  it.each([
    ['nothing', undefined],
    ['words', 'not a header'],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a line of its own', `00-${TRACE}-${SPAN}-01\ninjected`],
  ])('begins a trace where the header says %s', (_, header) => {
    const trace = continueTrace(header)

    expect(trace.traceId).toMatch(/^[\da-f]{32}$/)
    expect(trace.traceId).not.toBe(TRACE)
    expect(trace.traceparent).toBe(`00-${trace.traceId}-${trace.spanId}-01`)
  })
})
