// The streams of spec/vectors, decoded by a decoder that shares nothing with the suite: written
// from the WHATWG HTML standard, section 9.2.6. Plain Node; prints what differs, and a count.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Event {
  data: string;
  event?: string;
  id?: string;
}
interface Decoded {
  events: Event[];
  retry?: number;
  incomplete?: true;
}
interface Vector extends Decoded {
  id: string;
  text?: string;
  base64?: string;
  split?: number[];
}

/** Bytes in, events out; no I/O. Call `end` when no more bytes come. */
class Decoder {
  readonly events: Event[] = [];
  retry: number | undefined;
  private readonly utf8 = new TextDecoder("utf-8"); // skips a byte order mark, replaces what is invalid
  private line = "";
  private afterCr = false;
  private data: string[] = [];
  private name = "";
  private lastId = "";
  private pending = false;

  feed(bytes: Uint8Array): void {
    this.take(this.utf8.decode(bytes, { stream: true }));
  }

  /** Whether the stream ended within an event. */
  end(): boolean {
    this.take(this.utf8.decode());
    return this.pending || this.line !== "";
  }

  private take(text: string): void {
    for (const character of text) {
      const follows = this.afterCr && character === "\n";
      this.afterCr = character === "\r";
      if (follows) continue; // the second half of CR LF
      if (character === "\n" || character === "\r") {
        const line = this.line;
        this.line = "";
        if (line === "") this.dispatch();
        else this.field(line);
      } else {
        this.line += character;
      }
    }
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment
    const name = colon < 0 ? line : line.slice(0, colon);
    const rest = colon < 0 ? "" : line.slice(colon + 1);
    const value = rest.startsWith(" ") ? rest.slice(1) : rest;
    if (name === "data") this.data.push(value);
    else if (name === "event") this.name = value;
    else if (name === "id" && !value.includes("\0")) this.lastId = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retry = Number(value);
    this.pending ||= ["data", "event", "id", "retry"].includes(name);
  }

  private dispatch(): void {
    if (this.data.length > 0) {
      const event: Event = { data: this.data.join("\n") };
      if (this.name !== "") event.event = this.name;
      if (this.lastId !== "") event.id = this.lastId;
      this.events.push(event);
    }
    this.data = [];
    this.name = "";
    this.pending = false;
  }
}

function decode(pieces: Uint8Array[]): Decoded {
  const decoder = new Decoder();
  for (const piece of pieces) decoder.feed(piece);
  const made: Decoded = { events: [] };
  if (decoder.end()) made.incomplete = true;
  if (decoder.retry !== undefined) made.retry = decoder.retry;
  made.events = decoder.events;
  return made;
}

/** The bytes whole, one by one, and as the vector splits them. */
function splittings(vector: Vector): Uint8Array[][] {
  const bytes =
    vector.text === undefined
      ? Buffer.from(vector.base64 ?? "", "base64")
      : Buffer.from(vector.text, "utf8");
  const pieces = (lengths: number[]): Uint8Array[] => {
    let at = 0;
    return lengths.map((length) => bytes.subarray(at, (at += length)));
  };
  const ways = [[bytes.length], Array<number>(bytes.length).fill(1)];
  return (vector.split ? [...ways, vector.split] : ways).map(pieces);
}

function sorted(value: Decoded): string {
  const events = value.events.map(({ data, event, id }) => [data, event ?? "", id ?? ""]);
  return JSON.stringify([events, value.retry ?? null, value.incomplete ?? false]);
}

const folder = process.argv[2] ?? join("spec", "vectors", "streams");
let passed = 0;
let failed = 0;
for (const name of readdirSync(folder).sort()) {
  const content = JSON.parse(readFileSync(join(folder, name), "utf8")) as { vectors: Vector[] };
  for (const vector of content.vectors) {
    const wrong = splittings(vector).map(decode).find((made) => sorted(made) !== sorted(vector));
    if (wrong) console.log(`${name}: ${vector.id}: ${sorted(wrong)} is not ${sorted(vector)}`);
    if (wrong) failed += 1;
    else passed += 1;
  }
}
console.log(`${passed} of ${passed + failed} streams decoded`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
