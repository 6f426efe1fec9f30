import { hasFlite } from '@app/media'
import { realPostgres } from '@app/testkit'
import { expect, it } from 'vitest'
import { startServers } from '../servers.ts'
import { measureLongAudio } from './long-audio.ts'

/** The benchmarks measure on a PostgreSQL of their own. */
const withPostgres = realPostgres() && !process.env.TEST_DATABASE_URL

it.skipIf(!withPostgres || !(await hasFlite()))(
  'has a transcriber of its own hear a recording in parts, and finds every word in its place',
  async () => {
    const servers = await startServers({ postgres: true })
    try {
      const results = await measureLongAudio({
        ...{
          hours: 0.03,
          processes: [1],
          partMinutes: 0.75,
          wordErrorMinutes: 1,
          only: 'recording',
          servers,
        },
      })

      const measurements = results.flatMap((result) => result.measurements)
      expect(
        measurements.map(({ name, unit }) => [name.replace(/\d+ parts/, 'so many parts'), unit]),
      ).toEqual([
        ['0.03 hours in so many parts on 1 transcriber, wall time', 's'],
        ['0.03 hours, peak memory of a transcriber process', 'MB'],
        ['0.03 hours, peak memory of a tool that it runs', 'MB'],
      ])
      for (const { ours, ratio, meets } of measurements) {
        expect(ours).toBeGreaterThan(0)
        expect(ratio).toBeGreaterThan(0)
        expect(meets).toBeTypeOf('boolean')
      }
    } finally {
      await servers.stop()
    }
  },
)
