// When a request is sent again, and how long to wait before.

const LONGEST = 120_000;

/** Whether a reply says that another attempt may succeed. */
export function mayBeRepeated(status: number, headers: Headers): boolean {
  const said = headers.get("x-should-retry");
  if (said === "true" || said === "false") return said === "true";
  return [408, 409, 429].includes(status) || status >= 500;
}

/** Milliseconds to wait after attempt number `attempt` (from 0); undefined: longer than it is worth. */
export function delay(attempt: number, headers?: Headers): number | undefined {
  const asked = headers ? askedFor(headers) : undefined;
  if (asked !== undefined && asked > LONGEST) return undefined;
  if (asked !== undefined && asked > 0) return asked;
  return Math.min(500 * 2 ** attempt, 8000) * (1 - 0.25 * Math.random());
}

/** What Retry-After asks for, in milliseconds: milliseconds, seconds, or a date. */
function askedFor(headers: Headers): number | undefined {
  const milliseconds = headers.get("retry-after-ms");
  const value = headers.get("retry-after");
  const found = [
    milliseconds === null ? NaN : Number(milliseconds),
    value === null || value === "" ? NaN : Number(value) * 1000,
    value === null ? NaN : Date.parse(value) - Date.now(),
  ].find((number) => !Number.isNaN(number));
  return found;
}

/** Wait, unless `signal` is aborted before. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
