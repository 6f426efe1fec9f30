import type { Stack } from './stack-file.ts'

/** What a user wants to know once it runs. */
export function banner(stack: Stack): string {
  return [
    '',
    'Scriptorium is running.',
    '',
    `  API          ${stack.api_url}`,
    `  Docs         ${stack.api_url}/docs`,
    `  Data         ${stack.data_dir}   (logs in logs/, addresses and tokens in stack.json)`,
    '',
    '  Admin token',
    `  ${stack.admin_token}`,
    '',
    'Ctrl-C stops it; everything is kept.',
    '',
  ].join('\n')
}
