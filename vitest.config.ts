import { defineConfig } from 'vitest/config'

const IGNORED = ['**/node_modules/**', '**/.data/**', '**/.cache/**']
const globalSetup = ['libs/testkit/src/servers/global-setup.ts']
// The projects run as one, in order of their names: the longest files, end to end, begin first.
/** Some compute, most wait for servers to start and leases to run out: two cores are busy with four. */
const FILES_AT_ONCE = 4

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{libs,services,infra,chaos,bench,scripts}/**/*.test.{ts,mjs}'],
          exclude: [...IGNORED, '**/*.int.test.*'],
          // Nothing here has state that a file could leave to the next, and loading everything anew for each takes
          // longer than the tests.
          isolate: false,
          maxWorkers: FILES_AT_ONCE,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{libs,services,infra,chaos,bench,scripts}/**/*.int.test.{ts,mjs}'],
          exclude: IGNORED,
          globalSetup,
          // Each file has a database, a Redis prefix and folders of its own; loading everything anew for each takes as
          // long as the tests.
          isolate: false,
          // Real processes on a busy machine: slow is not wrong.
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: FILES_AT_ONCE,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          exclude: IGNORED,
          globalSetup,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: FILES_AT_ONCE,
        },
      },
    ],
  },
})
