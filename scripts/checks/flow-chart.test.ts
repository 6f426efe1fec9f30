import { expect, it } from 'vitest'
import { flowChart, replaceSection, stateChart } from './flow-chart.ts'

const FLOW = {
  name: 'audiobook',
  example: {
    title: 'one chapter',
    jobs: [
      { key: 'transcribe 1', type: 'transcribe', lane: 'high', dependsOn: [] },
      { key: 'embed 1', type: 'embed', lane: 'normal', dependsOn: ['transcribe 1'] },
    ],
  },
}

it('draws each job once and an arrow per dependency', () => {
  const files = ['services/transcriber/src/transcribe.ts']
  const chart = flowChart([FLOW], [{ type: 'transcribe', queue: 'transcribe', attempts: 3, files }])

  expect(chart.split('\n')).toEqual([
    '```mermaid',
    'flowchart LR',
    '  subgraph f0 ["audiobook: one chapter"]',
    '    f0_0["transcribe 1"]:::high',
    '    f0_1["embed 1"]',
    '    f0_0 --> f0_1',
    '  end',
    '  classDef high stroke-width:3px',
    '```',
    '',
    'A thick border marks the high lane.',
    '',
    '| job | queue | attempts | worker |',
    '|---|---|---|---|',
    '| `transcribe` | `transcribe` | 3 | [services/transcriber/src/transcribe.ts](services/transcriber/src/transcribe.ts) |',
  ])
})

it('draws every legal move, the two births and the ends', () => {
  const chart = stateChart({ pending: ['queued'], queued: ['completed'], completed: [] })

  expect(chart.split('\n')).toEqual([
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> pending',
    '  [*] --> queued',
    '  pending --> queued',
    '  queued --> completed',
    '  completed --> [*]',
    '```',
  ])
})

it('replaces what stands between its markers and nothing else', () => {
  const page = 'before\n<!-- flow:begin -->\nold $& chart\n<!-- flow:end -->\nafter\n'

  const replaced = replaceSection(page, 'flow', 'new $& chart')

  expect(replaced).toBe('before\n<!-- flow:begin -->\nnew $& chart\n<!-- flow:end -->\nafter\n')
  expect(replaceSection(replaced, 'flow', 'new $& chart')).toBe(replaced)
})

it.each(['', '<!-- flow:begin -->', '<!-- flow:end --> <!-- flow:begin -->'])(
  'refuses a page without its markers: %j',
  (page) => {
    expect(() => replaceSection(page, 'flow', 'x')).toThrow('<!-- flow:begin -->')
  },
)
