import { Cluster } from 'ioredis'

/**
 * A Cluster's client that fails at once while the Cluster is away, as a single server's does, and yet lets a command
 * wait for the connection to a node that is just being made. The driver has but one switch for both.
 */
export class PromptCluster extends Cluster {
  override sendCommand(...args: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = args
    // Before it is ready the driver itself asks how the Cluster is.
    if (this.status === 'ready' || command.name === 'cluster') return super.sendCommand(...args)
    command.reject(new Error('the Redis Cluster is not connected'))
    return command.promise
  }
}
