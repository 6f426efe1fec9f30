import { ownRedis } from '@app/testkit'
import { busTests } from './bus.conformance.ts'
import { outageTests } from './bus-outages.conformance.ts'
import { describeOnRedis } from './testing/bus-under-test.ts'

describeOnRedis('one server', ownRedis, [busTests, outageTests])
