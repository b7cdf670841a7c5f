// The guide's API over HTTP: public reads, and reads and writes of the signed-in user.

import { Problem, problemOf, SignedOut, Unreachable } from "./problem.js";

/** How long an answer may take, in milliseconds; API Gateway itself gives up after 30 s. */
const PATIENCE = 20_000;

export class Api {
  #origin;
  #session;

  constructor(origin, session) {
    this.#origin = origin;
    this.#session = session;
  }

  /** An answer's JSON that needs no user. */
  async read(path, query, { signal } = {}) {
    return json(await this.#send("GET", path, { query, signal }));
  }

  /** An answer's JSON that the signed-in user may see. */
  async readOwn(path, query, { signal } = {}) {
    return json(await this.#sendOwn("GET", path, { query, signal }));
  }

  /** The same with the answer's version, for a later conditional write. */
  async readVersioned(path) {
    const response = await this.#sendOwn("GET", path, {});
    return { body: await json(response), version: response.headers.get("ETag") };
  }

  /** Writes; with a version only if the server still has that one. Answers the new version. */
  async write(path, body, version) {
    const headers = version ? { "If-Match": version } : {};
    const response = await this.#sendOwn("PUT", path, { body, headers });
    return response.headers.get("ETag");
  }

  /** Removes. */
  async remove(path) {
    await this.#sendOwn("DELETE", path, {});
  }

  async #sendOwn(method, path, request) {
    const attempt = async (token) =>
      this.#send(method, path, { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } });
    try {
      return await attempt(await this.#session.token());
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      // The token may have been revoked or the keys exchanged: one new token, one more try.
      const token = await this.#session.renew();
      return attempt(token).catch((again) => {
        if (!(again instanceof Problem) || again.status !== 401) throw again;
        this.#session.end();
        throw new SignedOut("Your session has ended. Sign in again to go on.");
      });
    }
  }

  async #send(method, path, { query, body, headers = {}, signal }) {
    const url = new URL(this.#origin + path);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value != null && value !== "") url.searchParams.set(name, value);
    }
    const patience = AbortSignal.timeout(PATIENCE);
    const request = {
      method,
      headers: { Accept: "application/json", ...headers },
      cache: "no-cache",
      credentials: "omit",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    };
    if (body !== undefined) {
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    const response = await fetch(url, request).catch((error) => {
      // The caller gave up; there is nobody to tell.
      if (signal?.aborted) throw error;
      throw new Unreachable(error);
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    // An answer that was cut is one that did not come; one of nonsense is a fault.
    throw error instanceof SyntaxError ? error : new Unreachable(error);
  }
}
