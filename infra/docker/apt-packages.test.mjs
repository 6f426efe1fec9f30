import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { SYSTEM_TOOLS } from '../../scripts/setup/system-tools.mjs'
import { imagePackages, newestPackages } from './apt-packages.mjs'

it('gives the image every program that a service runs, and no server or test tool', () => {
  expect(imagePackages()).toEqual(['ffmpeg', 'pocketsphinx', 'pocketsphinx-en-us'])
  expect(SYSTEM_TOOLS.flatMap((tool) => tool.packages.apt)).toEqual(expect.arrayContaining(imagePackages()))
})

it('is what the Dockerfile installs, from files that are there by then', () => {
  const dockerfile = readFileSync(path.join(import.meta.dirname, 'Dockerfile'), 'utf8')
  const before = dockerfile.slice(0, dockerfile.indexOf('apt-get install'))

  expect(before).toContain('COPY scripts/setup scripts/setup')
  expect(before).toContain('COPY infra/docker/apt-packages.mjs infra/docker/')
  expect(before).toContain('packages="$(node infra/docker/apt-packages.mjs)"')
  expect(dockerfile).toContain('apt-get install -y --no-install-recommends $packages')
})

it('makes an image of the downloader, with what brings the newest yt-dlp', () => {
  const dockerfile = readFileSync(path.join(import.meta.dirname, 'Dockerfile'), 'utf8')
  const [, downloader = ''] = /^FROM service AS downloader\n(.*?)^FROM /ms.exec(dockerfile) ?? []

  expect(newestPackages()).toEqual(['python3-venv'])
  expect(downloader).toContain('packages="$(node infra/docker/apt-packages.mjs downloader)"')
  expect(downloader).toMatch(/^ENV YTDLP_HOME=\S+\nADD \S+\/releases\/latest\/.*$/m)
  expect(downloader).toContain('node services/downloader/src/command.ts update')
  expect(downloader.match(/^USER .*$/gm)).toEqual(['USER root', 'USER node'])
  expect(dockerfile.trimEnd().split('\n').at(-1)).toBe('FROM service')
})
