/** A task that found no address in its subnet, by ECS's words. */
import { infrastructure, permanent, type Trouble } from './words.ts';

/** EC2's code for it, and its sentence. */
export const NO_ADDRESS = /free (IP )?addresses|InsufficientFreeAddresses/i;
/**
 * The sentence of the developer guide ("TaskFailedToStart errors") for a subnet without addresses, which stands there
 * without EC2's code. With another code it is something else.
 */
const NO_CODE = /attempting to Create Network Interface[^:]* in subnet[^:]*$/i;

export interface AddressScarcity {
  /** False where the words leave it open. */
  readonly isCertain: boolean;
  /** When nothing is won by waiting. */
  readonly end: Trouble;
  /** When there is something to wait for, and the next attempt has to. */
  readonly later: Trouble;
}

/** Undefined when it was something else. */
export function addressScarcityOf(words: string, fact: string): AddressScarcity | undefined {
  const isCertain = NO_ADDRESS.test(words);
  if (!isCertain && !NO_CODE.test(words)) return undefined;
  const later = noInterface(fact);
  return { isCertain, end: isCertain ? noAddressLeft(fact) : later, later };
}

export function noAddressLeft(fact: string): Trouble {
  return permanent(
    'no address is left in the subnet',
    fact,
    'Give larger or more subnets with the input `subnets`, or run fewer tasks at once with `max-parallel`.',
  );
}

export function noInterface(fact: string): Trouble {
  return infrastructure(
    'AWS could not give the task a network interface',
    fact,
    'If it stays so, the subnets may be full: give more with the input `subnets`.',
  );
}
