// What every script asks, and how it tells what its user got: a line of JSON for each.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export const KEY = "a-key";
export const PATIENCE = 10_000; // milliseconds that a client waits, where nothing is said of time
export const HASTE = 200; // milliseconds that it waits where the server takes longer
export const WORDS = "Say 你好 👍🏽, hello:";
export const TOKENS = 400;

export const PARAMETERS = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};
export const DESCRIPTION = "Tells the weather.";

/** Say who is there, then answer each line `{"url", "model", "scenario"}` with an outcome. */
export async function converse(packages, scenarios) {
  const versions = Object.fromEntries(packages.map((name) => [name, version(name)]));
  tell({ versions, scenarios: Object.keys(scenarios) });
  for await (const line of createInterface({ input: process.stdin })) {
    const { url, model, scenario } = JSON.parse(line);
    tell(await outcome(scenarios[scenario], url, model));
  }
}

async function outcome(scenario, url, model) {
  try {
    return await scenario(url, model);
  } catch (error) {
    const told = error.lastError ?? error; // of several tries
    const status = told.status ?? told.statusCode ?? null;
    const name = error.name === "Error" ? error.constructor.name : error.name;
    return { raised: name, message: String(error.message), status };
  }
}

function tell(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function version(name) {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
}
