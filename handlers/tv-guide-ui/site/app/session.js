// Who is signed in: tokens from Cognito, kept for this tab and renewed before they expire.

import { SignedOut, Unreachable } from "./problem.js";

const KEY = "headend.session";

/** A token is renewed this long before it expires, in milliseconds. */
const MARGIN = 60_000;

/** Cognito said no; `code` is the name of its exception. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

/** Tells its listeners with the event `change` when a user signs in or out. */
export class Session extends EventTarget {
  #config;
  #state;
  #renewal;

  constructor(config) {
    super();
    this.#config = config;
    this.#state = restore(config.clientId);
  }

  /** The address that the user signed in with, or nothing. */
  get user() {
    return this.#state?.user;
  }

  /**
   * Signs in. Answers `{ done: true }`, or `{ challenge }` where Cognito first wants a new
   * password, to be given to `answer`.
   */
  async signIn(user, password) {
    const answer = await this.#call("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: this.#config.clientId,
      AuthParameters: { USERNAME: user, PASSWORD: password },
    });
    return this.#take(user, answer);
  }

  /** Answers the challenge with the new password. */
  async answer({ user, username, session }, password) {
    const answer = await this.#call("RespondToAuthChallenge", {
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      ClientId: this.#config.clientId,
      Session: session,
      ChallengeResponses: { USERNAME: username, NEW_PASSWORD: password },
    });
    return this.#take(user, answer);
  }

  /** A token that is good for now; renews it where needed. */
  async token() {
    if (!this.#state) throw new SignedOut();
    if (Date.now() < this.#state.expires - MARGIN) return this.#state.access;
    return this.renew();
  }

  /** A new token, asked for once however many want it. */
  async renew() {
    if (!this.#state) throw new SignedOut();
    this.#renewal ??= this.#refresh().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  /** Signs out here and takes the tokens back at Cognito. */
  async signOut() {
    const token = this.#state?.refresh;
    this.end();
    if (!token) return;
    // The user is signed out here whatever Cognito answers; the tokens expire by themselves.
    await this.#call("RevokeToken", { Token: token, ClientId: this.#config.clientId }).catch(() => {});
  }

  /** Forgets the tokens. */
  end() {
    if (!this.#state) return;
    this.#state = undefined;
    sessionStorage.removeItem(KEY);
    this.dispatchEvent(new Event("change"));
  }

  async #refresh() {
    const { user, refresh } = this.#state;
    try {
      const answer = await this.#call("InitiateAuth", {
        AuthFlow: "REFRESH_TOKEN_AUTH",
        ClientId: this.#config.clientId,
        AuthParameters: { REFRESH_TOKEN: refresh },
      });
      // Signing out while the answer was on its way counts.
      if (this.#state?.refresh !== refresh) throw new SignedOut();
      this.#keep(user, { RefreshToken: refresh, ...answer.AuthenticationResult });
      return this.#state.access;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.end();
      throw new SignedOut("Your session has ended. Sign in again to go on.");
    }
  }

  #take(user, answer) {
    if (answer.AuthenticationResult) {
      this.#keep(user, answer.AuthenticationResult);
      this.dispatchEvent(new Event("change"));
      return { done: true };
    }
    if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED") {
      const username = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? user;
      return { challenge: { user, username, session: answer.Session } };
    }
    throw new Refused(answer.ChallengeName ?? "Unknown", "this way of signing in is not supported here");
  }

  #keep(user, result) {
    this.#state = {
      clientId: this.#config.clientId,
      user,
      access: result.AccessToken,
      refresh: result.RefreshToken,
      expires: Date.now() + result.ExpiresIn * 1000,
    };
    sessionStorage.setItem(KEY, JSON.stringify(this.#state));
  }

  async #call(action, body) {
    const response = await fetch(this.#config.cognito, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(15_000),
    }).catch((error) => {
      throw new Unreachable(error);
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    if (response.status >= 500) throw new Unreachable(new Error(`status ${response.status}`));
    throw new Refused(
      String(answer.__type ?? "Unknown")
        .split("#")
        .at(-1),
      answer.message ?? answer.Message ?? "",
    );
  }
}

function restore(clientId) {
  try {
    const state = JSON.parse(sessionStorage.getItem(KEY));
    return state?.clientId === clientId ? state : undefined;
  } catch {
    return undefined;
  }
}
