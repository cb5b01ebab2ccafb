// Chat Completions API: a client over fetch, with answers as promises and streams as async iterables.

import { APIConnectionError, APITimeoutError, MidStreamError, UnexpectedReplyError, statusError } from "./errors.js";
import { delay, mayBeRepeated, sleep } from "./retries.js";
import { EventDecoder } from "./sse.js";
import type { components } from "./types.js";

type Schemas = components["schemas"];

export const BASE_URL = "http://127.0.0.1:8000/v1";
const TERMINATORS = new Set<string>(["[DONE]"]);

/** `timeout` is in milliseconds, for each attempt until the reply begins. */
export interface ClientOptions {
  baseUrl?: string;
  apiKey?: string;
  timeout?: number;
  maxRetries?: number;
  fetch?: typeof fetch;
}

/** What a single call may bring. */
export interface CallOptions {
  signal?: AbortSignal;
}

/**
 * A client. What may succeed another time is tried up to `maxRetries` times more, after the delay
 * that the server asks for; a stream only until it has begun.
 */
export class Client {
  private readonly baseUrl: string;
  private readonly headers: Record<string, string>;
  private readonly timeout: number;
  private readonly maxRetries: number;
  private readonly fetch: typeof fetch;

  constructor(options: ClientOptions = {}) {
    this.baseUrl = (options.baseUrl ?? BASE_URL).replace(/\/+$/, "");
    this.headers = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
    this.timeout = options.timeout ?? 60_000;
    this.maxRetries = options.maxRetries ?? 2;
    this.fetch = options.fetch ?? ((...given) => fetch(...given));
  }

  /** Continue a conversation. Answers with a completion, or, where `stream` is true, with a stream of chunks that add up to the same answer. */
  async createChatCompletion(body: Schemas["ChatCompletionRequest"], options: CallOptions = {}): Promise<Schemas["ChatCompletion"]> {
    const asked = { ...body, stream: false };
    const response = await this.send("POST", `/chat/completions`, asked, options);
    return read<Schemas["ChatCompletion"]>(await textOf(response));
  }

  /** Continue a conversation, in pieces: iterate with `for await`. Leaving the loop hangs up. */
  async *streamChatCompletion(body: Schemas["ChatCompletionRequest"], options: CallOptions = {}): AsyncGenerator<Schemas["ChatCompletionChunk"], void, undefined> {
    const asked = { ...body, stream: true };
    const response = await this.send("POST", `/chat/completions`, asked, options);
    yield* chunks<Schemas["ChatCompletionChunk"]>(response);
  }

  /** List the models. Lists what can be named as `model`. There are no pages. */
  async listModels(options: CallOptions = {}): Promise<Schemas["ModelList"]> {
    const response = await this.send("GET", `/models`, undefined, options);
    return read<Schemas["ModelList"]>(await textOf(response));
  }

  /** Describe one model. Describes one model of the list. */
  async retrieveModel(model: string, options: CallOptions = {}): Promise<Schemas["Model"]> {
    const response = await this.send("GET", `/models/${encodeURIComponent(model)}`, undefined, options);
    return read<Schemas["Model"]>(await textOf(response));
  }

  /** Ask until there is a reply that counts. */
  private async send(method: string, path: string, body: unknown, options: CallOptions): Promise<Response> {
    for (let attempt = 0; ; attempt += 1) {
      const last = attempt >= this.maxRetries;
      let wait = delay(attempt);
      try {
        const response = await this.once(method, path, body, options);
        if (response.ok) return response;
        const again = !last && mayBeRepeated(response.status, response.headers);
        wait = again ? delay(attempt, response.headers) : undefined;
        if (wait === undefined) throw await statusError(response);
        await response.body?.cancel();
      } catch (error) {
        if (last || !(error instanceof APIConnectionError)) throw error;
      }
      await sleep(wait ?? 0, options.signal);
    }
  }

  private async once(method: string, path: string, body: unknown, options: CallOptions): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.timeout);
    const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal;
    const content = body === undefined ? {} : { "content-type": "application/json" };
    try {
      return await this.fetch(this.baseUrl + path, {
        method,
        headers: { ...this.headers, ...content },
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (late.signal.aborted) throw new APITimeoutError("no reply in time");
      throw new APIConnectionError(String(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The data of a stream's events, until the terminator; throws what the server reports. */
async function* chunks<Chunk>(response: Response): AsyncGenerator<Chunk, void, undefined> {
  const decoder = new EventDecoder();
  let count = 0;
  for await (const bytes of bytesOf(response)) {
    for (const event of decoder.feed(bytes)) {
      if (TERMINATORS.has(event.data)) return;
      const chunk = read<Chunk>(event.data, count);
      const error = typeof chunk === "object" && chunk !== null && "error" in chunk ? chunk.error : null;
      if (error) throw new MidStreamError(messageOf(error), chunk);
      count += 1;
      yield chunk;
    }
  }
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw new APIConnectionError(String(error), { cause: error });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new APIConnectionError(String(error), { cause: error });
  }
}

function read<Value>(text: string, event?: number): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    const place = event === undefined ? "the answer" : `event ${event}`;
    throw new UnexpectedReplyError(`${place} is no JSON: ${String(error)}`, text, event);
  }
}

function messageOf(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message);
}
