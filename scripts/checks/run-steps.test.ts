import { expect, it } from 'vitest'
import { formatResult, runStep, summaryOf } from './run-steps.ts'

const node = (script: string, timeoutMs = 20_000) =>
  runStep({ name: 'step', command: [process.execPath, '-e', script], timeoutMs })

it('is ok when the command exits with 0, and keeps both outputs', async () => {
  const { ok, output } = await node(`console.log('out'); console.error('err')`)

  expect(ok).toBe(true)
  expect(output.split('\n').sort()).toEqual(['', 'err', 'out'])
})

it('fails with the exit status of the command', async () => {
  expect(await node('process.exit(3)')).toMatchObject({ ok: false })
})

it('fails when the command is killed', async () => {
  const { ok, output } = await node(`process.kill(process.pid, 'SIGKILL')`)

  expect(ok).toBe(false)
  expect(output).toContain('ended by SIGKILL')
})

it('ends a command that takes too long', async () => {
  const { ok, output } = await node('setInterval(() => {}, 1000)', 50)

  expect(ok).toBe(false)
  expect(output).toContain('ended by SIGTERM')
})

it('says which program is missing', async () => {
  const { ok, output } = await runStep({ name: 'step', command: ['no-such-program'], timeoutMs: 1000 })

  expect(ok).toBe(false)
  expect(output).toContain('no-such-program')
})

it.each([
  [' Test Files  2 passed (2)\n      Tests  71 passed | 2 skipped (73)\n', '71 passed | 2 skipped (73)'],
  ['Checked 107 files in 445ms. No fixes applied.', 'Checked 107 files'],
  ['no dependency violations found (107 modules, 227 dependencies cruised)', '107 modules, 227 dependencies'],
  ['182 files, 5 long\n', '182 files, 5 long'],
  ['', ''],
])('picks what a tool counted from its output: %j', (output, summary) => {
  expect(summaryOf(output)).toBe(summary)
})

it('puts a result in one line', () => {
  const result = { name: 'unit', durationMs: 2345, output: '      Tests  71 passed (71)\n' }

  expect(formatResult({ ...result, ok: true })).toBe('ok      unit           2.3 s  71 passed (71)')
  expect(formatResult({ ...result, ok: false })).toBe('FAILED  unit           2.3 s  71 passed (71)')
})
