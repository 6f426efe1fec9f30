import { ownRedis } from '@app/testkit'
import { describeBus } from './bus.conformance.ts'

describeBus('one server', ownRedis)
