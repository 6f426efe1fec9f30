import { freePort, isPortFree } from '../process/free-port.ts'
import { UserError } from './user-error.ts'

/** The port asked for, or any free one for 0. Asked before anything starts: the user learns at once. */
export async function chooseApiPort(port: number): Promise<number> {
  if (port === 0) return freePort()
  if (await isPortFree(port)) return port
  throw new UserError(
    `Port ${port} is in use by another program. Choose another: npm start -- --port ${port + 1}`,
  )
}
