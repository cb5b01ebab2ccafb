// Performs the steps of script.json with the TypeScript client; one line of JSON for each outcome.

import { readFileSync } from "node:fs";
import { Client } from "../../generated/typescript/src/index.js";

interface Step {
  step: string;
  on?: string;
  call?: "createChatCompletion" | "listModels" | "retrieveModel";
  stream?: "createChatCompletion";
  body?: Record<string, unknown>;
  path?: string[];
  take?: number;
}
interface Servers {
  model: string;
  servers: Record<string, { url: string; key: string }>;
}
type Body = Parameters<Client["createChatCompletion"]>[0];

const [, , script = "", environment = ""] = process.argv;
const { model, servers } = JSON.parse(environment) as Servers;
const steps = JSON.parse(readFileSync(script, "utf8")) as Step[];

function clientOf(step: Step): Client {
  const server = servers[step.on ?? "good"];
  if (server === undefined) throw new Error(`no server ${step.on}`);
  const patient = step.on !== "silent";
  const options = { timeout: patient ? 10_000 : 300, maxRetries: patient ? 2 : 0 };
  return new Client({ baseUrl: server.url, apiKey: server.key, ...options });
}

async function perform(step: Step): Promise<unknown> {
  const client = clientOf(step);
  const body = { model, ...step.body } as unknown as Body;
  if (step.stream) {
    const chunks: unknown[] = [];
    for await (const chunk of client.streamChatCompletion(body)) {
      chunks.push(chunk);
      if (chunks.length === step.take) break;
    }
    return chunks;
  }
  if (step.call === "retrieveModel") {
    return await client.retrieveModel((step.path?.[0] ?? "").replace("$model", model));
  }
  return step.call === "listModels" ? await client.listModels() : await client.createChatCompletion(body);
}

/** The names of an error's classes, the nearest first. */
function kinds(error: object): string[] {
  const found: string[] = [];
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    found.push(at.constructor.name);
  }
  return found;
}

for (const step of steps) {
  try {
    console.log(JSON.stringify({ value: await perform(step) }));
  } catch (error) {
    const status = error instanceof Object && "status" in error ? error.status : null;
    console.log(JSON.stringify({ kinds: kinds(error as object), status, message: String(error) }));
  }
}
