import { ownSentinel } from '@app/testkit'
import { describeBus } from './bus.conformance.ts'

describeBus('a primary behind Sentinel', ownSentinel)
