// Chat Completions API: typed bindings, generated from the OpenAPI document of chatproof.

export * from "./client.js";
export * from "./errors.js";
export * from "./sse.js";
export type { components, operations, paths } from "./types.js";
