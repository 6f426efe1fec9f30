import { existsSync } from 'node:fs'
import path from 'node:path'

/** Reads the `.env` that `npm start` reads, where there is one; what is set already wins. */
export function loadEnvFile(root: string): void {
  const file = path.join(root, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}
