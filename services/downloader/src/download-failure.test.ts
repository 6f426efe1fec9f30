import { ToolFailure } from '@app/media'
import { createLogger, diskFullError, errorMessage, RetryLaterError } from '@app/runtime'
import { expect, it } from 'vitest'
import { diskFullForUsers } from './download-failure.ts'

const log = createLogger('test', 'silent')

it('tells users of a full disk without the words and paths of tools', () => {
  const failure = new ToolFailure('exit', 'ffmpeg exited with 1: /scratch/x: No space left on device', '')

  const told = diskFullForUsers(diskFullError(failure), log)

  expect(told).toBeInstanceOf(RetryLaterError)
  expect(told).toMatchObject({ code: 'disk_full' })
  expect(errorMessage(told)).not.toMatch(/ffmpeg|scratch|device/)
})

it.each([
  ['how much room is missing', new RetryLaterError('disk_full', 'may take 5 MB', { retryAfterMs: 1 })],
  ['any other error', new RetryLaterError('busy', 'later', { retryAfterMs: 1, cause: new Error('why') })],
])('leaves as it is %s', (_what, error) => {
  expect(diskFullForUsers(error, log)).toBe(error)
})
