// The npm package openai, as its guides use it.

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { DESCRIPTION, HASTE, KEY, PARAMETERS, PATIENCE, TOKENS, WORDS, converse } from "./talk.mjs";

const Weather = z.object({ city: z.string(), days: z.int(), words: z.array(z.string()) });
const TOOLS = {
  tools: [
    {
      type: "function",
      function: { name: "forecast", description: DESCRIPTION, parameters: PARAMETERS, strict: true },
    },
  ],
  tool_choice: { type: "function", function: { name: "forecast" } },
};
const STREAM = { stream: true, stream_options: { include_usage: true } };

function chat(url, options = {}) {
  return new OpenAI({ baseURL: url, apiKey: KEY, timeout: PATIENCE, ...options }).chat.completions;
}

function question(model, more = {}) {
  const messages = [{ role: "user", content: WORDS }];
  return { model, messages, temperature: 0, max_completion_tokens: TOKENS, ...more };
}

function completion(answer) {
  const { message, finish_reason } = answer.choices[0];
  return {
    content: message.content ?? "",
    reasoning: message.reasoning ?? message.reasoning_content ?? "",
    refusal: message.refusal ?? "",
    finish_reason,
    calls: (message.tool_calls ?? []).map((c) => [c.id, c.function.name, c.function.arguments]),
    usage: counts(answer.usage),
  };
}

async function gathered(chunks) {
  const made = { content: "", reasoning: "", refusal: "", finish_reason: null, calls: [], usage: null };
  for await (const chunk of chunks) {
    made.usage = counts(chunk.usage) ?? made.usage;
    for (const { delta, finish_reason } of chunk.choices) {
      made.content += delta.content ?? "";
      made.reasoning += delta.reasoning ?? delta.reasoning_content ?? "";
      made.refusal += delta.refusal ?? "";
      made.finish_reason = finish_reason ?? made.finish_reason;
      for (const piece of delta.tool_calls ?? []) {
        const call = (made.calls[piece.index] ??= ["", "", ""]);
        call[0] ||= piece.id ?? "";
        call[1] ||= piece.function?.name ?? "";
        call[2] += piece.function?.arguments ?? "";
      }
    }
  }
  return made;
}

function counts(usage) {
  return usage ? [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens] : null;
}

const format = zodResponseFormat(Weather, "weather");
const parsed = (answer) => ({ parsed: answer.choices[0].message.parsed ?? null });
const plain = async (url, model) => completion(await chat(url).create(question(model)));
const stream = async (url, model) => gathered(await chat(url).create(question(model, STREAM)));

await converse(["openai"], {
  plain,
  stream,
  stream_helper: async (url, model) =>
    completion(await chat(url).stream(question(model, STREAM)).finalChatCompletion()),
  tools: async (url, model) => completion(await chat(url).create(question(model, TOOLS))),
  tools_stream: async (url, model) =>
    gathered(await chat(url).create(question(model, { ...TOOLS, ...STREAM }))),
  tools_helper: async (url, model) =>
    completion(await chat(url).stream(question(model, { ...TOOLS, ...STREAM })).finalChatCompletion()),
  structured: async (url, model) =>
    parsed(await chat(url).parse(question(model, { response_format: format }))),
  structured_stream: async (url, model) =>
    parsed(
      await chat(url)
        .stream(question(model, { response_format: format, ...STREAM }))
        .finalChatCompletion(),
    ),
  error: plain,
  error_in_stream: stream,
  retries: plain,
  timeout: async (url, model) =>
    completion(await chat(url, { timeout: HASTE, maxRetries: 0 }).create(question(model))),
});
