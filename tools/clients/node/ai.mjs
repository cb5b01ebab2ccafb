// The AI SDK of the npm package ai, with the provider that its argument names, as its guides use it.

import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Output, generateText, jsonSchema, streamText, tool } from "ai";
import { z } from "zod";
import { DESCRIPTION, HASTE, KEY, PARAMETERS, PATIENCE, TOKENS, WORDS, converse } from "./talk.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const PROVIDERS = {
  "@ai-sdk/openai": (baseURL) => createOpenAI({ baseURL, apiKey: KEY }).chat,
  "@ai-sdk/openai-compatible": (baseURL) =>
    createOpenAICompatible({
      name: "server",
      baseURL,
      apiKey: KEY,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }),
};
const provider = process.argv[2];
const Weather = z.object({ city: z.string(), days: z.int(), words: z.array(z.string()) });
const TOOLS = {
  tools: {
    forecast: tool({ description: DESCRIPTION, inputSchema: jsonSchema(PARAMETERS), strict: true }),
  },
  toolChoice: { type: "tool", toolName: "forecast" },
};
const STRUCTURED = { output: Output.object({ schema: Weather, name: "weather" }) };

function question(url, model, more = {}) {
  return {
    model: PROVIDERS[provider](url)(model),
    prompt: WORDS,
    temperature: 0,
    maxOutputTokens: TOKENS,
    abortSignal: AbortSignal.timeout(PATIENCE),
    ...more,
  };
}

async function told(result) {
  const usage = await result.usage;
  const calls = await result.toolCalls;
  return {
    content: await result.text,
    reasoning: (await result.reasoningText) ?? "",
    finish_reason: await result.rawFinishReason,
    calls: calls.map((call) => [call.toolCallId, call.toolName, call.input]),
    usage: [usage.inputTokens ?? null, usage.outputTokens ?? null, usage.totalTokens ?? null],
  };
}

/** The guides say that errors of a stream are among its parts, and are not raised. */
async function streamed(request) {
  const result = streamText({ ...request, onError: () => {} });
  for await (const part of result.fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "abort") throw new DOMException("aborted", "AbortError");
  }
  return result;
}

const plain = async (url, model) => told(await generateText(question(url, model)));
const stream = async (url, model) => told(await streamed(question(url, model)));

await converse(["ai", provider, "node"], {
  plain,
  stream,
  tools: async (url, model) => told(await generateText(question(url, model, TOOLS))),
  tools_stream: async (url, model) => told(await streamed(question(url, model, TOOLS))),
  structured: async (url, model) => ({
    parsed: (await generateText(question(url, model, STRUCTURED))).output,
  }),
  structured_stream: async (url, model) => ({
    parsed: await (await streamed(question(url, model, STRUCTURED))).output,
  }),
  error: plain,
  // It begins a stream anew that fails before it has brought any text, and waits for long.
  error_in_stream: async (url, model) =>
    told(await streamed(question(url, model, { maxRetries: 0 }))),
  retries: plain,
  timeout: async (url, model) =>
    told(
      await generateText(
        question(url, model, { abortSignal: AbortSignal.timeout(HASTE), maxRetries: 0 }),
      ),
    ),
});
