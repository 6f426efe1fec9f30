import { expect, it } from 'vitest'
import { findProblems, findWorkers } from './find-workers.ts'

const contracts = new Map([
  ['TranscribeJob', 'transcribe'],
  ['EmbedJob', 'embed'],
])
const calls = [
  { path: 'services/transcriber/src/transcribe.ts', contract: 'TranscribeJob' },
  { path: 'services/embedder/src/embed.ts', contract: 'EmbedJob' },
]

function flow(...jobs: { key: string; type: string; dependsOn: string[] }[]) {
  return {
    name: 'audiobook',
    example: { title: 'a book', jobs: jobs.map((job) => ({ ...job, lane: 'normal' })) },
  }
}

it('finds the calls that define workers, however they are laid out', () => {
  const files = [
    { path: 'a.ts', text: 'export const a = defineWorker(TranscribeJob, { run() {} })' },
    { path: 'b.ts', text: 'export const b = defineWorker<Deps>(\n  EmbedJob,\n  { run() {} },\n)' },
  ]

  expect(findWorkers(files)).toEqual([
    { path: 'a.ts', contract: 'TranscribeJob' },
    { path: 'b.ts', contract: 'EmbedJob' },
  ])
})

it('is not misled by comments, strings and other calls', () => {
  const text = `// defineWorker(TranscribeJob)\nconst s = 'defineWorker(EmbedJob)'\nimport { defineWorker } from '@app/jobs'\ndefine(EmbedJob)`

  expect(findWorkers([{ path: 'a.ts', text }])).toEqual([])
})

it('has nothing to say when each job has one worker and each flow holds together', () => {
  const flows = [
    flow(
      { key: 'transcribe 1', type: 'transcribe', dependsOn: [] },
      { key: 'embed 1', type: 'embed', dependsOn: ['transcribe 1'] },
    ),
  ]

  expect(findProblems({ contracts, calls, flows })).toEqual([])
})

it('names a job that nobody does', () => {
  expect(findProblems({ contracts, calls: calls.slice(0, 1), flows: [] })).toEqual([
    'job embed has no worker',
  ])
})

it('names a job that two files do', () => {
  const twice = [...calls, { path: 'services/api/src/embed.ts', contract: 'EmbedJob' }]

  expect(findProblems({ contracts, calls: twice, flows: [] })).toEqual([
    'job embed has several workers: services/embedder/src/embed.ts, services/api/src/embed.ts',
  ])
})

it('names a worker for something that is no job', () => {
  const stray = [...calls, { path: 'a.ts', contract: 'RenderJob' }]

  expect(findProblems({ contracts, calls: stray, flows: [] })).toEqual([
    'a.ts defines a worker for RenderJob, which is not in JOBS',
  ])
})

it('names what a flow asks for and nobody declares', () => {
  const flows = [flow({ key: 'render', type: 'render', dependsOn: ['ingest'] })]

  expect(findProblems({ contracts, calls, flows })).toEqual([
    'flow audiobook: render is a render job, which nobody declares',
    'flow audiobook: render waits for ingest, which is missing',
  ])
})
