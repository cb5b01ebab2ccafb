// The streams of spec/vectors through the decoder of the TypeScript client; one line of JSON for each.

import { readFileSync } from "node:fs";
import { EventDecoder, type ServerSentEvent } from "../../generated/typescript/src/sse.js";

interface Case {
  pieces: string[];
}

const cases = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Case[];
for (const { pieces } of cases) {
  const decoder = new EventDecoder();
  const events: ServerSentEvent[] = [];
  for (const piece of pieces) events.push(...decoder.feed(Buffer.from(piece, "base64")));
  console.log(JSON.stringify({ events, incomplete: decoder.end() }));
}
