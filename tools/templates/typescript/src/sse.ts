// Server-sent events: bytes in, events out, no I/O (WHATWG HTML, section 9.2).

/** One event. `retry` is the last retry time so far, in milliseconds. */
export interface ServerSentEvent {
  data: string;
  event: string;
  id: string;
  retry: number | undefined;
}

const FIELDS = new Set(["data", "event", "id", "retry"]);

/** Feed it the bytes of a stream, in pieces of any size; each call gives the new events. */
export class EventDecoder {
  private readonly utf8 = new TextDecoder("utf-8");
  private parts: string[] = [];
  private afterCr = false;
  private data: string[] = [];
  private name = "";
  private id = "";
  private retry: number | undefined;
  private within = false;

  /** The events that `bytes` complete. */
  feed(bytes: Uint8Array): ServerSentEvent[] {
    return this.take(this.utf8.decode(bytes, { stream: true }));
  }

  /** Whether the stream ended within an event, whose bytes are lost. */
  end(): boolean {
    this.take(this.utf8.decode());
    return this.within || this.parts.some((part) => part !== "");
  }

  private take(text: string): ServerSentEvent[] {
    if (text === "") return [];
    const fresh = this.afterCr && text.startsWith("\n") ? text.slice(1) : text;
    this.afterCr = text.endsWith("\r");
    const plain = fresh.replace(/\r\n?/g, "\n");
    this.parts.push(plain);
    if (!plain.includes("\n")) return [];
    const lines = this.parts.join("").split("\n");
    this.parts = [lines.pop() ?? ""];
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): ServerSentEvent[] {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.data.push(value);
    else if (name === "event") this.name = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retry = Number(value);
    this.within ||= FIELDS.has(name);
    return [];
  }

  private dispatch(): ServerSentEvent[] {
    const { data, name } = this;
    this.data = [];
    this.name = "";
    this.within = false;
    if (data.length === 0) return [];
    return [{ data: data.join("\n"), event: name || "message", id: this.id, retry: this.retry }];
  }
}
