import { pipeline } from 'node:stream/promises'
import { type RunningTool, startTool, type ToolResult, type ToolRun } from './start-tool.ts'

/**
 * Runs one external tool with a deadline and limits on memory and output; never through a shell.
 *
 * Abort, deadline and excess all end in SIGKILL: ffmpeg takes SIGTERM as "finish the file nicely",
 * which on a stuck input means never. Throws `signal.reason` when aborted, `ToolFailure` otherwise.
 */
export async function runTool(run: ToolRun): Promise<ToolResult> {
  const tool = startTool(run)
  tool.readStdout()
  return tool.result
}

/**
 * Runs two tools, the output of the first going into the second. Throws what went wrong first: a source
 * that breaks off starves the sink, and a sink that dies breaks the source's pipe. A sink that ends well
 * before the source does has all it wanted.
 */
export async function runPiped(first: ToolRun, second: ToolRun): Promise<ToolResult> {
  const source = startTool(first)
  const sink = startSink(second, source)
  let isSourceDrained = false
  source.stdout.once('end', () => {
    isSourceDrained = true
  })
  sink.readStdout()
  const flow = pipeline(source.stdout, sink.stdin).catch(() => source.kill())
  try {
    const result = await sink.result.catch(async (thrown: unknown) => {
      if (isSourceDrained) await source.result
      throw thrown
    })
    if (isSourceDrained) await source.result
    return result
  } finally {
    source.kill()
    await Promise.allSettled([source.result, flow])
  }
}

/** What can't even be started must not leave the other one waiting for a reader. */
function startSink(run: ToolRun, source: RunningTool): RunningTool {
  try {
    return startTool(run, { needsStdin: true })
  } catch (thrown) {
    source.kill()
    throw thrown
  }
}
