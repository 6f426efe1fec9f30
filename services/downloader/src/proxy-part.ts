import { type FilteringProxy, type Reach, startFilteringProxy } from '@app/net'
import type { Logger, Part } from '@app/runtime'

/** The filtering proxy of this process, once its part has started. */
export function proxyPart(reach: Reach, log: Logger): { part: Part; admit: FilteringProxy['admit'] } {
  let proxy: FilteringProxy | undefined
  return {
    part: {
      name: 'filtering proxy',
      async start() {
        proxy = await startFilteringProxy({ ...reach, log })
      },
      stop: () => proxy?.close(),
    },
    admit(limits) {
      if (!proxy) throw new Error('the filtering proxy has not been started')
      return proxy.admit(limits)
    },
  }
}
