import { withoutAccounts } from './without-accounts.ts';
import type { HttpAnswer } from './http.ts';
import { ImageError } from './image-error.ts';
import { readBody } from './read-body.ts';

/** A registry said no. */
export class RegistryRefusal extends ImageError {
  readonly status: number;
  /** Of the distribution specification: `TAG_INVALID`, `DENIED`; empty when there was none. */
  readonly code: string;

  constructor(
    message: string,
    { status, code }: { readonly status: number; readonly code: string },
  ) {
    super(message);
    this.name = 'RegistryRefusal';
    this.status = status;
    this.code = code;
  }

  /** Puts an answer into words. */
  static async of(
    answer: HttpAnswer,
    {
      registry,
      what,
      writing,
    }: { readonly registry: string; readonly what: string; readonly writing: boolean },
  ): Promise<RegistryRefusal> {
    const { status } = answer;
    const { code, said } = await read(answer);
    const verb = writing ? 'written' : 'read';
    const fact = `${registry} answered ${status}${said === '' ? '' : `: ${said}`}`;
    const say = (advice: string) =>
      new RegistryRefusal(`${what} cannot be ${verb}: ${fact}; ${advice}`, { status, code });
    if (status === 401 || status === 403)
      return say(
        writing
          ? 'allow these credentials to push to that repository'
          : `if it exists and is not public, log in with "docker login ${registry === 'docker.io' ? '' : registry}"`.replace(
              / "$/,
              '"',
            ),
      );
    if (status === 404) return say('correct its name');
    if (status === 429)
      return say(`it limits how often it is asked: log in there, or read from a mirror`);
    if (status >= 500) return say('it has trouble of its own: try again later');
    return say('see what it says');
  }
}

async function read(answer: HttpAnswer): Promise<{ readonly code: string; readonly said: string }> {
  try {
    const text = (await readBody(answer.body, 64 * 1024, 'an answer')).toString('utf8');
    const body = JSON.parse(text) as {
      readonly errors?: readonly { readonly code?: string; readonly message?: string }[];
    };
    const [first] = body.errors ?? [];
    return {
      code: first?.code ?? '',
      said: withoutAccounts((first?.message ?? '').replace(/\s+/g, ' ').replace(/\.$/, '')),
    };
  } catch {
    return { code: '', said: '' };
  }
}
