// What went wrong, in words for the reader.

/** An answer of the API that says no: a problem document, or the gateway's own `{ message }`. */
export class Problem extends Error {
  constructor({ status, title, detail, retryAfter }) {
    super(detail ?? title ?? `status ${status}`);
    this.name = "Problem";
    Object.assign(this, { status, title, detail, retryAfter });
  }
}

/** No answer came: the network is away, the server is, or it took too long. */
export class Unreachable extends Error {
  constructor(cause) {
    super("no answer", { cause });
    this.name = "Unreachable";
    this.late = cause?.name === "TimeoutError";
  }
}

/** What was asked for needs a user, and none is signed in. */
export class SignedOut extends Error {
  constructor(reason) {
    super("signed out");
    this.name = "SignedOut";
    this.reason = reason;
  }
}

/** Reads an answer that is not a success. */
export async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem({
    status: response.status,
    title: text(body.title) ?? text(body.message),
    detail: text(body.detail),
    retryAfter: Number(response.headers.get("Retry-After")) || undefined,
  });
}

/** A heading and a sentence for an error, and whether trying again may help. */
export function explain(error) {
  if (error instanceof SignedOut) {
    return {
      heading: "Sign in to see this",
      detail: error.reason ?? "This part of the guide is yours alone.",
      retry: false,
    };
  }
  if (error instanceof Unreachable) {
    if (!navigator.onLine) {
      return { heading: "You are offline", detail: "The guide will be back when your connection is.", retry: true };
    }
    return error.late
      ? { heading: "The guide took too long", detail: "It may be busy; try again in a moment.", retry: true }
      : { heading: "The guide cannot be reached", detail: "Check your connection, then try again.", retry: true };
  }
  if (error instanceof Problem) return explainProblem(error);
  return {
    heading: "Something went wrong",
    detail: "The page met something it did not expect. Try again.",
    retry: true,
  };
}

function explainProblem({ status, title, detail, retryAfter }) {
  switch (true) {
    case status === 404:
      return { heading: "Not found", detail: sentence(detail) ?? "It may have left the guide.", retry: false };
    case status === 429: {
      const wait = retryAfter ? `in ${retryAfter} seconds` : "in a moment";
      return {
        heading: "Too many requests",
        detail: `The guide asks for a short break; try again ${wait}.`,
        retry: true,
      };
    }
    case status >= 500:
      return {
        heading: "The guide has a problem",
        detail: "It is not your doing. Try again in a moment.",
        retry: true,
      };
    default:
      return {
        heading: sentence(title) ?? "The guide did not take that",
        detail: sentence(detail) ?? `It answered ${status}.`,
        retry: false,
      };
  }
}

function text(value) {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function sentence(words) {
  return words && words[0].toUpperCase() + words.slice(1);
}
