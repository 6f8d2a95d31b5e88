/** Runs a checked expression over its contexts. */
import { data, Evaluator } from '@actions/expressions';
import type { Expr } from '@actions/expressions';
import type { ContextAccess, FunctionCall } from '@actions/expressions/ast';
import type { Token } from '@actions/expressions/lexer';
import type { JsonObject } from '../../base/json.ts';
import type { Contexts } from '../plan.ts';
import { FUNCTIONS, Refusal } from './functions.ts';
import { JsonMapping, kindOf, toValue } from './values.ts';
import type { Value } from './values.ts';

/** Why an expression has no value, and at which function. */
export class EvaluationFailure extends Error {
  readonly refusal: Refusal;
  readonly token: Token | undefined;
  constructor(refusal: Refusal, token: Token | undefined) {
    super(refusal.message);
    this.refusal = refusal;
    this.token = token;
  }
}

/** The value; throws {@link EvaluationFailure}. */
export function evaluate(root: Expr, contexts: Contexts): Value {
  // The status is for functions; as a context it would be visible to `toJSON`-like walks only by its name, which no
  // expression can spell, because names are checked when it is read.
  const values = toValue(contexts as unknown as JsonObject);
  if (!(values instanceof JsonMapping)) throw new Error('Internal error: contexts are no mapping');
  try {
    return new LatticeEvaluator(root, values, contexts.status).evaluate();
  } catch (error) {
    if (error instanceof EvaluationFailure) throw error;
    if (error instanceof RangeError) {
      throw new EvaluationFailure(new Refusal('the expression reads too much at once'), undefined);
    }
    throw error;
  }
}

class LatticeEvaluator extends Evaluator {
  readonly #contexts: JsonMapping;
  readonly #status: Contexts['status'];

  constructor(root: Expr, contexts: JsonMapping, status: Contexts['status']) {
    super(root, contexts);
    this.#contexts = contexts;
    this.#status = status;
  }

  override visitContextAccess(access: ContextAccess): Value {
    return this.#contexts.get(access.name.lexeme) ?? new data.Null();
  }

  override visitFunctionCall(call: FunctionCall): Value {
    const entry = FUNCTIONS.get(call.functionName.lexeme.toLowerCase());
    if (entry === undefined)
      throw new Error(`Internal error: no function ${call.functionName.lexeme}`);
    if (entry.name === 'case') return this.#case(call);
    const args = call.args.map((argument) => this.eval(argument));
    try {
      return entry.call(args, this.#status);
    } catch (error) {
      throw failure(error, call.functionName);
    }
  }

  /** Only the chosen value is evaluated, so that `case(x != '', fromJSON(x), null)` does what it says. */
  #case(call: FunctionCall): Value {
    const last = call.args.length - 1;
    for (let index = 0; index < last; index += 2) {
      const [condition, value] = call.args.slice(index, index + 2);
      if (condition === undefined || value === undefined) break;
      const answer = this.eval(condition);
      if (!(answer instanceof data.BooleanData)) {
        const message = `case takes conditions that are true or false, and condition ${index / 2 + 1} is ${kindOf(answer)}`;
        throw new EvaluationFailure(
          new Refusal(message, "compare it, for example with != ''"),
          call.functionName,
        );
      }
      if (answer.value) return this.eval(value);
    }
    const otherwise = call.args[last];
    return otherwise === undefined ? new data.Null() : this.eval(otherwise);
  }
}

/** The package's own errors are sentences for users; everything else is a bug. */
function failure(error: unknown, token: Token): unknown {
  if (error instanceof Refusal) return new EvaluationFailure(error, token);
  if (error instanceof EvaluationFailure || error instanceof RangeError) return error;
  if (error instanceof Error && error.constructor === Error) {
    return new EvaluationFailure(new Refusal(`${token.lexeme}: ${error.message}`), token);
  }
  return error;
}
