// Prints the Debian packages that a service's container needs, for the Dockerfile: from the one table there is. With the
// word `downloader`: what that needs besides, to have the newest yt-dlp.
// Plain JavaScript, because it runs before any package is installed.
import { SYSTEM_TOOLS } from '../../scripts/setup/system-tools.mjs'

/** Not what another container stands in for (Redis), nor what only tests want. */
export function imagePackages(tools = SYSTEM_TOOLS) {
  return tools
    .filter((tool) => tool.neededBy.includes('start') && !tool.insteadOf && !tool.optional)
    .flatMap((tool) => tool.packages.apt)
}

/** For tools of which the container has a newer one than its distribution. */
export function newestPackages(tools = SYSTEM_TOOLS) {
  return tools.flatMap((tool) => tool.newestBy ?? [])
}

if (import.meta.main) {
  const packages = process.argv[2] === 'downloader' ? newestPackages() : imagePackages()
  console.log(packages.join(' '))
}
