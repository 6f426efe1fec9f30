import { ownCluster } from '@app/testkit'
import { busTests } from './bus.conformance.ts'
import { outageTests } from './bus-outages.conformance.ts'
import { describeOnRedis } from './testing/bus-under-test.ts'

describeOnRedis('a Cluster of three nodes', ownCluster, [busTests, outageTests])
