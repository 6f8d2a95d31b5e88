/** Nothing can be started as things stand: the message is one sentence for the user, with the way out. */
export class Refusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
  }
}
