import { ownCluster } from '@app/testkit'
import { describeBus } from './bus.conformance.ts'

describeBus('a Cluster of three nodes', ownCluster)
