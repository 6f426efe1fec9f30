import { defineConfig } from 'vitest/config'

const IGNORED = ['**/node_modules/**', '**/.data/**', '**/.cache/**']
const globalSetup = ['libs/testkit/src/servers/global-setup.ts']
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
          maxWorkers: 2,
          // Nothing here has state that a file could leave to the next, and loading everything anew for each takes longer than the tests.
          isolate: false,
          // Group 0 would run last: with one worker (the default on two cores) Vitest puts it behind the others.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{libs,services,infra,chaos,bench,scripts}/**/*.int.test.{ts,mjs}'],
          exclude: IGNORED,
          globalSetup,
          // Real processes on a busy machine: slow is not wrong.
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: FILES_AT_ONCE,
          sequence: { groupOrder: 2 },
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
          // With the integration tests, and before them: the longest files begin first.
          maxWorkers: FILES_AT_ONCE,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
