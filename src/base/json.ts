/** A value that survives JSON unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON mapping. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON mapping: neither null, a list, nor a scalar. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
