// Prints the Debian packages that a service's container needs, for the Dockerfile: from the one table there is.
// Plain JavaScript, because it runs before any package is installed.
import { SYSTEM_TOOLS } from '../../scripts/setup/system-tools.mjs'

/** Not what another container stands in for (Redis), nor what only tests want. */
export function imagePackages(tools = SYSTEM_TOOLS) {
  return tools
    .filter((tool) => tool.neededBy.includes('start') && !tool.insteadOf && !tool.optional)
    .flatMap((tool) => tool.packages.apt)
}

if (import.meta.main) console.log(imagePackages().join(' '))
