import { assertFit, onReconnect, type RedisClient, whenReady } from '@app/bus'
import { FatalError, type Logger, type PartControl } from '@app/runtime'

/** Redis need not be there when a process starts; where it is, this is long enough to say so. */
const PATIENCE_MS = 2_000

/**
 * Refuses a Redis on which tickets are not safe: rejects where it is there and unfit, and calls `fail` where it turns
 * out so when it comes. Once one was fit, an unfit one (after a failover, say) is an error in the log: by then it is
 * better than none. Returns what ends the checks.
 */
export async function checkRedis(
  redis: RedisClient,
  log: Logger,
  { fail }: Pick<PartControl, 'fail'>,
): Promise<() => void> {
  let wasFit = false
  const check = async (): Promise<void> => {
    try {
      await assertFit(redis)
      wasFit = true
    } catch (err) {
      if (!(err instanceof FatalError)) log.debug({ err }, 'what kind of Redis this is could not be asked')
      else if (wasFit) log.error({ err }, 'this Redis is not fit to hold tickets')
      else throw err
    }
  }
  const isThere = await whenReady(redis, PATIENCE_MS).then(
    () => true,
    () => false,
  )
  if (isThere) await check()
  return onReconnect(redis, () => void check().catch(fail))
}
