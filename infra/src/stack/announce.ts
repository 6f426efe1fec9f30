import type { Part } from '@app/runtime'
import { banner } from './banner.ts'
import type { Children } from './children.ts'
import type { StackEnvironment } from './plan-environment.ts'
import { removeStack, type Stack, writeStack } from './stack-file.ts'
import type { Tell } from './tell.ts'
import type { Tokens } from './tokens.ts'

interface AnnounceOptions {
  dataDir: string
  environment: StackEnvironment
  tokens: Tokens
  children: Children
  tell: Tell
}

/** Last part to start: says where everything is, in stack.json and to the user, and keeps the file true. */
export function announcePart({ dataDir, environment, tokens, children, tell }: AnnounceOptions): Part {
  const describe = (): Stack => ({
    api_url: environment.apiUrl,
    admin_token: tokens.admin,
    user_token: tokens.user,
    service_token: tokens.service,
    database_url: environment.databaseUrl,
    redis_url: environment.redisUrl,
    services: children.running,
    supervisor_pid: process.pid,
    data_dir: dataDir,
  })
  return {
    name: 'announcement',
    start: () => {
      const stack = describe()
      writeStack(stack)
      children.onChange(() => writeStack(describe()))
      tell.say(banner(stack))
      // For whoever started us as a child and waits.
      process.send?.({ ready: stack })
    },
    stop: () => {
      children.onChange(() => {})
      removeStack(dataDir)
      tell.say('Stopping …')
    },
  }
}
