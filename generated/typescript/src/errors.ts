// What can go wrong. Everything that the client throws by itself is a ClientError.

/** The base of all errors. */
export class ClientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No reply, or only half of one. */
export class APIConnectionError extends ClientError {}

/** No reply in time. */
export class APITimeoutError extends APIConnectionError {}

/** The server answered something that is no JSON; `value` is what it said, `event` its number in a stream. */
export class UnexpectedReplyError extends ClientError {
  constructor(message: string, readonly value: unknown, readonly event?: number) {
    super(message);
  }
}

/** The server reported a failure in the middle of a stream; `body` is the whole report. */
export class MidStreamError extends ClientError {
  constructor(message: string, readonly body: unknown) {
    super(message);
  }
}

/** The server refused the request, or failed. `body` is JSON where it could be read, else text. */
export class APIStatusError extends ClientError {
  constructor(readonly status: number, readonly body: unknown, readonly headers: Headers) {
    super(`${status}: ${messageOf(body)}`);
  }

  /** The error object, whatever envelope it came in. */
  get detail(): Record<string, unknown> {
    return detailOf(this.body);
  }

  /** The parameter at fault, where the server names it. */
  get param(): string | undefined {
    return textOf(this.detail["param"]);
  }

  /** What went wrong, for programs. */
  get code(): string | undefined {
    return textOf(this.detail["code"]);
  }
}

/** 400: The request breaks the schema or asks for something that cannot be. */
export class InvalidError extends APIStatusError {}

/** 401: There is no key, or it is not good; the code is that of a wrong one. */
export class UnauthorizedError extends APIStatusError {}

/** 404: The model does not exist, or may not be used with this key. */
export class NotFoundError extends APIStatusError {}

/** 422: The request breaks the schema. Sources disagree about the status: 422 until 2026-04-24, 400 since; both are allowed. */
export class UnprocessableError extends APIStatusError {}

/** 429: More requests or tokens than the rate limit allows. */
export class TooManyRequestsError extends APIStatusError {}

/** 500: The server failed. The request may be sent again. */
export class ServerFailedError extends APIStatusError {}

/** 503: The server has no room for the request now. */
export class UnavailableError extends APIStatusError {}

const BY_STATUS: Record<number, typeof APIStatusError> = {
  400: InvalidError,
  401: UnauthorizedError,
  404: NotFoundError,
  422: UnprocessableError,
  429: TooManyRequestsError,
  500: ServerFailedError,
  503: UnavailableError,
};

/** The error for a reply with a status of 400 or more. */
export async function statusError(response: Response): Promise<APIStatusError> {
  const text = await response.text();
  const Kind = BY_STATUS[response.status] ?? APIStatusError;
  return new Kind(response.status, parsed(text), response.headers);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function detailOf(body: unknown): Record<string, unknown> {
  if (typeof body !== "object" || body === null) return { message: body };
  const inner = "error" in body ? body.error : body;
  return typeof inner === "object" && inner !== null ? { ...inner } : { message: inner };
}

function messageOf(body: unknown): string {
  return textOf(detailOf(body)["message"]) ?? "no message";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
