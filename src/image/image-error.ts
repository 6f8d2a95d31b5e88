/** Why there is no image, as one sentence for the user: cause, fact, what to do. */
export class ImageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageError';
  }
}
