import { runTool, ToolFailure, type ToolResult } from '@app/media'
import type { ProxyClient } from '@app/net'
import type { Logger } from '@app/runtime'
import { downloadFailure } from '../download-failure.ts'
import { classifyFailure, complaintIn, withoutQueries } from '../plan/classify-failure.ts'
import { ytdlpEnvironment } from './ytdlp-environment.ts'

export interface YtdlpCall {
  path: string
  args: readonly string[]
  /** Its own: it starts there, and finds nothing of ours. */
  directory: string
  timeoutMs: number
  /** Of each file that it writes. */
  fileBytes: number
  proxy: ProxyClient
  signal: AbortSignal
  log: Logger
  maxStdoutBytes?: number
  onStdoutLine?: (line: string) => void
}

/** A page of YouTube is parsed in 150 MB; its challenges are solved by a JavaScript engine beside it. */
const MEMORY_BYTES = 1024 ** 3

/**
 * Runs yt-dlp once: without a shell, with its children in a group of its own that ends with it, through a proxy that
 * goes only where users may lead us. Throws `UrlForbiddenError`, the errors of `downloadFailure`, or the signal's reason.
 */
export async function runYtdlp(call: YtdlpCall): Promise<ToolResult> {
  const { path, directory, proxy, fileBytes, log, ...run } = call
  try {
    return await runTool({
      ...run,
      command: path,
      cwd: directory,
      env: ytdlpEnvironment(path, { directory, proxyUrl: proxy.url }),
      hasChildren: true,
      // A JavaScript engine reserves addresses by the terabyte.
      limits: { memoryBytes: MEMORY_BYTES, countsWritable: true, fileBytes },
    })
  } catch (thrown) {
    if (!(thrown instanceof ToolFailure)) throw thrown
    throw explain(thrown, proxy, log)
  }
}

function explain(failure: ToolFailure, proxy: ProxyClient, log: Logger): unknown {
  const code = codeOf(failure)
  // What it says of a refusal is only that it could not connect. A page that keeps us out may have led astray besides.
  const [forbidden] = proxy.refusals()
  if (forbidden && code !== 'rate_limited' && code !== 'bot_check') return forbidden
  if (proxy.isOverLimit()) return downloadFailure('too_large')
  const complaint = withoutQueries(complaintIn(failure.stderrTail)).slice(0, 2_000)
  log.warn({ code, reason: withoutQueries(failure.message), complaint }, 'yt-dlp failed')
  return downloadFailure(code)
}

function codeOf({ reason, stderrTail }: ToolFailure) {
  if (reason === 'timeout') return 'network'
  return reason === 'exit' ? classifyFailure(stderrTail) : 'extractor_broken'
}
