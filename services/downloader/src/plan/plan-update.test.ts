import { expect, it } from 'vitest'
import { planUpdate } from './plan-update.ts'
import { versionAgeDays, versionWarning } from './version-age.ts'

it('lets a yt-dlp that was named update itself', () => {
  expect(planUpdate({ path: '/opt/yt-dlp', home: '/d' })).toEqual([
    ['/opt/yt-dlp', '--ignore-config', '--update'],
  ])
})

it('keeps one of its own in a Python environment of its own', () => {
  const [venv, install] = planUpdate({ home: '/d/yt-dlp' })

  expect(venv).toEqual(['python3', '-m', 'venv', '/d/yt-dlp'])
  expect(install?.[0]).toBe('/d/yt-dlp/bin/python')
  expect(install).toContain('--upgrade')
})

const NOW = Date.UTC(2026, 10, 21)

it.each([
  ['2026.11.20', 1],
  ['2026.08.19', 94],
  ['2026.08.19.232843', 94],
  ['2023.03.04', 1358],
  ['2026.12.01', 0],
  ['stable@x', undefined],
  ['', undefined],
])('knows how old %s is', (version, days) => {
  expect(versionAgeDays(version, NOW)).toBe(days)
})

it('warns of a yt-dlp that is older than 45 days, and of no younger one', () => {
  expect(versionWarning('2026.10.07', NOW)).toBeUndefined()
  expect(versionWarning('2026.10.06', NOW)).toMatch(/yt-dlp 2026\.10\.06 is 46 days old.*update/)
})
