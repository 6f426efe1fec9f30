/** Something the user can put right: the message is all they need, a stack would only hide it. */
export class UserError extends Error {}
