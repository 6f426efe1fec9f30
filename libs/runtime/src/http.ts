/**
 * Node's own `http`. A process that imports it by name pays 70 ms of CPU and 14 MB at its start: an import reads all that
 * a module exports, and reading `http.WebSocket` loads the whole of undici.
 */
export const http = process.getBuiltinModule('node:http')
