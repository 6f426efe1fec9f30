import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { confined } from './confine.ts'
import { QUIET } from './ffmpeg-args.ts'
import { runPiped, runTool } from './run-tool.ts'
import { risingTone } from './testing/media-lab.ts'

const minute = 60_000

const runsUnder = (wrapper: string) => confined('true', []).flat().includes(wrapper)

it('answers what the tool printed', async () => {
  const { stdout, stderrTail } = await runTool({ command: 'ls', args: ['-d', '/'], timeoutMs: minute })

  expect(stdout).toBe('/\n')
  expect(stderrTail).toBe('')
})

it('passes arguments as they are, through no shell', async () => {
  const { stdout } = await runTool({
    command: 'printf',
    args: ['%s', '$(id); `id` && "x"\n'],
    timeoutMs: minute,
  })

  expect(stdout).toBe('$(id); `id` && "x"\n')
})

it('says how a tool failed, with the end of what it complained about', async () => {
  const failing = runTool({ command: 'ls', args: ['/no/such/folder'], timeoutMs: minute })

  await expect(failing).rejects.toMatchObject({
    reason: 'exit',
    stderrTail: expect.stringContaining('/no/such'),
  })
})

it.skipIf(!existsSync('/dev/full'))(
  'puts off what a full disk made fail, and blames no file for it',
  async () => {
    const args = [...QUIET, ...risingTone(1), '-f', 's16le', '-y', 'file:/dev/full']

    await expect(runTool({ command: 'ffmpeg', args, timeoutMs: minute })).rejects.toMatchObject({
      name: 'RetryLaterError',
      code: 'disk_full',
      cause: { name: 'ToolFailure' },
    })
  },
)

it('says that a tool is missing', async () => {
  const missing = runTool({ command: 'no-such-tool', args: [], timeoutMs: minute })

  await expect(missing).rejects.toMatchObject({ reason: 'missing' })
})

it('outlives a want of file descriptors, and confines tools after it', async () => {
  const lib = (name: string) => JSON.stringify(fileURLToPath(import.meta.resolve(name)))
  const code = `
    import { openSync, closeSync } from 'node:fs'
    import { confined } from ${lib('./confine.ts')}
    import { runTool } from ${lib('./run-tool.ts')}
    const run = () => runTool({ command: 'true', args: [], timeoutMs: 60_000 })
    const taken = []
    try { for (;;) taken.push(openSync('/dev/null')) } catch {}
    const failure = await run().catch((thrown) => thrown)
    await new Promise(setImmediate)
    for (const fd of taken) closeSync(fd)
    await run()
    console.log(failure.name, ...confined('true', []).flat())`
  const limited = ['-c', 'ulimit -n 100 && exec "$@"', 'sh', process.execPath]

  const { stdout } = await runTool({
    ...{ command: 'sh', args: [...limited, '--input-type=module', '-e', code], timeoutMs: minute },
    limits: { memoryBytes: 2 ** 40 },
  })

  expect(stdout.trim()).toBe(['Error', ...confined('true', []).flat()].join(' '))
})

it('ends a tool that takes too long', async () => {
  await expect(runTool({ command: 'sleep', args: ['600'], timeoutMs: 20 })).rejects.toMatchObject({
    reason: 'timeout',
  })
})

it('ends a tool that prints without end', async () => {
  const endless = runTool({ command: 'yes', args: [], timeoutMs: minute, maxStdoutBytes: 10_000 })

  await expect(endless).rejects.toMatchObject({ reason: 'too-much-output' })
})

it('ends a tool when aborted, and throws the reason', async () => {
  const abort = new AbortController()
  const running = runTool({ command: 'sleep', args: ['600'], timeoutMs: minute, signal: abort.signal })

  abort.abort(new Error('no longer wanted'))

  await expect(running).rejects.toThrow('no longer wanted')
})

it('starts nothing when already aborted', async () => {
  const signal = AbortSignal.abort(new Error('before'))

  await expect(runTool({ command: 'no-such-tool', args: [], timeoutMs: minute, signal })).rejects.toThrow(
    'before',
  )
})

it('ends the tool, not the process, when a listener throws', async () => {
  const onStdoutLine = () => {
    throw new Error('bad line')
  }

  await expect(runTool({ command: 'yes', args: [], timeoutMs: minute, onStdoutLine })).rejects.toThrow(
    'bad line',
  )
})

it.skipIf(!runsUnder('prlimit'))('gives a tool no more memory than allowed', async () => {
  const args = ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'color=s=8000x8000:d=1', '-f', 'null', '-']

  await expect(
    runTool({ command: 'ffmpeg', args, timeoutMs: minute, limits: { memoryBytes: 60_000_000 } }),
  ).rejects.toThrow()
  await expect(runTool({ command: 'ffmpeg', args: ['-version'], timeoutMs: minute })).resolves.toBeDefined()
})

it.skipIf(!runsUnder('setpriv'))('leaves no orphan when our process is killed', async () => {
  const mark = `600.${process.pid}${Math.trunc(performance.now())}`
  const lib = fileURLToPath(import.meta.resolve('./run-tool.ts'))
  const code = `import { runTool } from ${JSON.stringify(lib)}; await runTool({ command: 'sleep', args: ['${mark}'], timeoutMs: 600_000 })`
  const service = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: 'inherit',
    cwd: import.meta.dirname,
  })
  await vi.waitFor(async () => expect(await countRunning(mark)).toBe(1), { timeout: minute, interval: 20 })

  service.kill('SIGKILL')

  await vi.waitFor(async () => expect(await countRunning(mark)).toBe(0), { timeout: minute, interval: 20 })
})

it('ends what a tool has started, with the tool and after it', async () => {
  const mark = `601.${process.pid}${Math.trunc(performance.now())}`
  const abort = new AbortController()
  const starter = { command: 'sh', timeoutMs: minute, hasChildren: true, signal: abort.signal }
  const running = runTool({ ...starter, args: ['-c', `sleep ${mark} & wait`] })
  await vi.waitFor(async () => expect(await countRunning(mark)).toBe(1), { timeout: minute, interval: 20 })

  abort.abort(new Error('no longer wanted'))

  await expect(running).rejects.toThrow('no longer wanted')
  expect(await countRunning(mark)).toBe(0)
  await runTool({ ...starter, signal: undefined, args: ['-c', `sleep ${mark} & true`] })
  expect(await countRunning(mark)).toBe(0)
})

it('gives a tool the environment that it is told, and nothing of ours', async () => {
  const env = { PATH: process.env.PATH ?? '', ONLY: 'this' }

  const { stdout } = await runTool({ command: 'env', args: [], timeoutMs: minute, env })

  expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('PATH='))).toEqual(['ONLY=this'])
})

it.skipIf(!runsUnder('prlimit'))('lets no file of a tool grow beyond its limit', async () => {
  const args = ['if=/dev/zero', `of=${tmpdir()}/limited-${process.pid}`, 'bs=1k', 'count=100']
  const limits = { fileBytes: 10_240 }

  await expect(runTool({ command: 'dd', args, timeoutMs: minute, limits })).rejects.toMatchObject({
    reason: 'too-much-output',
    message: 'dd wrote a larger file than it may',
  })
  await rm(`${tmpdir()}/limited-${process.pid}`)
})

it('sends the output of one tool into another', async () => {
  const lines: string[] = []
  const first = { command: 'printf', args: ['b\\na\\n'], timeoutMs: minute }

  await runPiped(first, {
    command: 'sort',
    args: [],
    timeoutMs: minute,
    onStdoutLine: (line) => lines.push(line),
  })

  expect(lines).toEqual(['a', 'b'])
})

it('takes a second tool that wants no more for success', async () => {
  const endless = { command: 'yes', args: [], timeoutMs: minute }

  const { stdout } = await runPiped(endless, { command: 'head', args: ['-n', '2'], timeoutMs: minute })

  expect(stdout).toBe('y\ny\n')
})

it('blames the first tool when it fails, though the second is content with nothing', async () => {
  const failing = { command: 'ls', args: ['/no/such/folder'], timeoutMs: minute }

  await expect(runPiped(failing, { command: 'cat', args: [], timeoutMs: minute })).rejects.toThrow(
    /^ls exited/,
  )
})

it('blames the second tool when it fails first', async () => {
  const endless = { command: 'yes', args: [], timeoutMs: minute }

  await expect(
    runPiped(endless, { command: 'ls', args: ['/no/such/folder'], timeoutMs: minute }),
  ).rejects.toThrow(/^ls exited/)
})

it('ends both tools when aborted', async () => {
  const abort = new AbortController()
  const run = { timeoutMs: minute, signal: abort.signal }
  const running = runPiped({ command: 'sleep', args: ['600'], ...run }, { command: 'cat', args: [], ...run })

  abort.abort(new Error('no longer wanted'))

  await expect(running).rejects.toThrow('no longer wanted')
})

async function countRunning(mark: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line === `sleep\0${mark}\0`).length
}
