export { buildPrograms } from './built/build-programs.ts'
export { builtPrograms } from './built/built-programs.ts'
export { type PgliteOptions, type RunningPglite, startPgliteServer } from './embedded/pglite.ts'
export { type RedisOptions, type RunningRedis, redisProgram, startRedis } from './embedded/redis.ts'
export {
  createTemporaryCluster,
  startTemporaryCluster,
  type TemporaryCluster,
} from './embedded/temporary-cluster.ts'
export type { Faults } from './network/faults.ts'
export { type FaultyProxy, startFaultyProxy } from './network/faulty-proxy.ts'
export { type Child, type ChildOptions, type Running, startChild } from './process/child.ts'
export { type FileLock, takeFileLock } from './process/file-lock.ts'
export { freePort } from './process/free-port.ts'
export { processStamp } from './process/process-stamp.ts'
export { type ProcessSettings, processSettings } from './stack/process-settings.ts'
export { readStack, type Stack } from './stack/stack-file.ts'
export { type RunningStack, type StartStackOptions, startStack } from './start-stack.ts'
