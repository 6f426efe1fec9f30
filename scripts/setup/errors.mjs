/** Something the user can put right: the message says how, a stack would only hide it. */
export class SetupError extends Error {}
