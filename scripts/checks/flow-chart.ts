export interface ChartJob {
  key: string
  type: string
  lane: string
  dependsOn: readonly string[]
}

export interface ChartFlow {
  name: string
  example: { title: string; jobs: readonly ChartJob[] }
}

export interface ChartWorker {
  type: string
  queue: string
  attempts: number
  /** Files of ours that do this job; anything but one is a mistake, and `findProblems` says so. */
  files: readonly string[]
}

/** A job with nothing to wait for is born queued; no record of moves can say that. */
const BORN_AS = ['pending', 'queued']

/** Every flow's example graph, left to right, and below it who does each job. */
export function flowChart(flows: readonly ChartFlow[], workers: readonly ChartWorker[]): string {
  const graphs = flows.flatMap((flow, index) => subgraph(flow, index))
  const rows = workers.map(({ type, queue, attempts, files }) => {
    const where = files.map((file) => `[${file}](${file})`).join(', ') || 'nobody'
    return `| \`${type}\` | \`${queue}\` | ${attempts} | ${where} |`
  })
  return [
    ...mermaid(['flowchart LR', ...graphs, '  classDef high stroke-width:3px']),
    '',
    'A thick border marks the high lane.',
    '',
    '| job | queue | attempts | worker |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** The legal moves of a job; states that nothing leads out of are ends. */
export function stateChart(moves: Readonly<Record<string, readonly string[]>>): string {
  const births = BORN_AS.map((state) => `  [*] --> ${state}`)
  const steps = Object.entries(moves).flatMap(([from, targets]) =>
    targets.length > 0 ? targets.map((to) => `  ${from} --> ${to}`) : [`  ${from} --> [*]`],
  )
  return mermaid(['stateDiagram-v2', ...births, ...steps]).join('\n')
}

/** The document with everything between `<!-- name:begin -->` and `<!-- name:end -->` replaced. */
export function replaceSection(document: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->`
  const end = `<!-- ${name}:end -->`
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from)
    throw new Error(`ARCHITECTURE.md needs the lines ${begin} and ${end}, in this order`)
  return `${document.slice(0, from + begin.length)}\n${content}\n${document.slice(to)}`
}

function subgraph(flow: ChartFlow, flowIndex: number): string[] {
  const idOf = new Map(flow.example.jobs.map((job, index) => [job.key, `f${flowIndex}_${index}`]))
  const nodes = flow.example.jobs.map(
    (job) => `    ${idOf.get(job.key)}["${job.key}"]${job.lane === 'high' ? ':::high' : ''}`,
  )
  const edges = flow.example.jobs.flatMap((job) =>
    job.dependsOn.map((key) => `    ${idOf.get(key) ?? key} --> ${idOf.get(job.key)}`),
  )
  return [`  subgraph f${flowIndex} ["${flow.name}: ${flow.example.title}"]`, ...nodes, ...edges, '  end']
}

function mermaid(lines: readonly string[]): string[] {
  return ['```mermaid', ...lines, '```']
}
