// Pure but for the tools' own isPresent: what is missing, and what to tell the user.

/** Commands that bring up all their servers by themselves, whatever addresses they are given. */
export const OWN_SERVERS = ['chaos', 'bench', 'mutate']

/** Which tools the commands need, less those that a server elsewhere stands in for. */
export function planTools(tools, { commands, env }) {
  const needed = tools.filter((tool) => tool.neededBy.some((command) => commands.includes(command)))
  // Tests, chaos, benchmarks and mutations bring up private servers whatever REDIS_URL says, so that they never touch a user's data.
  const replaced = (tool) => Boolean(tool.insteadOf && env[tool.insteadOf]) && !mustBePrivate(tool, commands)
  return { missing: needed.filter((tool) => !replaced(tool) && !tool.isPresent()) }
}

function mustBePrivate(tool, commands) {
  if (commands.some((command) => OWN_SERVERS.includes(command))) return true
  return commands.includes('test') && tool.insteadOf !== 'TEST_DATABASE_URL'
}

const COMMANDS = [
  ['Debian, Ubuntu', 'apt', 'sudo apt-get update && sudo apt-get install -y'],
  ['Fedora', 'dnf', 'sudo dnf install -y'],
  ['macOS', 'brew', 'brew install'],
]

export function missingToolsMessage(tools) {
  const width = Math.max(...tools.map((tool) => tool.name.length))
  return [
    'Scriptorium needs programs that this machine does not have:',
    '',
    ...tools.map(
      (tool) => `  ${tool.name.padEnd(width)}   ${tool.purpose}${tool.optional ? ' (optional)' : ''}`,
    ),
    '',
    'Install them, then run the same command again:',
    '',
    ...COMMANDS.map(([system, manager, command]) => {
      return `  ${system.padEnd(14)}   ${command} ${tools.flatMap((tool) => tool.packages[manager]).join(' ')}`
    }),
  ].join('\n')
}
