// Signing in, and the new password that Cognito asks for on a first visit.

import { element } from "../dom.js";
import { explain } from "../problem.js";
import { go, link } from "../router.js";
import { Refused } from "../session.js";

export class SignInView {
  #context;
  #next;
  #body = element("div");
  #problem = element("p", { class: "notice bad", role: "alert", hidden: true });
  element = element("section", { class: "page narrow" }, element("h1", { tabindex: "-1" }, "Sign in"), this.#body);

  constructor(context) {
    this.#context = context;
  }

  /** Shows the form; `next` is where the reader came from. */
  show({ query }) {
    this.#context.title("Sign in");
    const next = query.get("next") ?? "";
    // Only an address within this page, and not this one.
    this.#next = next.startsWith("#/") && !next.startsWith("#/sign-in") ? next : link("guide");
    if (this.#context.session.user) return this.#on();
    this.#form(
      "Sign in",
      [
        field("Email address", { type: "email", name: "user", autocomplete: "username", required: true }),
        field("Password", { type: "password", name: "password", autocomplete: "current-password", required: true }),
      ],
      ({ user, password }) => this.#context.session.signIn(user.trim(), password),
    );
  }

  hide() {
    this.#body.replaceChildren();
  }

  #on() {
    go(this.#next, { replace: true });
  }

  #form(words, fields, send) {
    const button = element("button", { type: "submit", class: "button primary" }, words);
    const form = element(
      "form",
      {
        class: "stacked",
        onsubmit: async (event) => {
          event.preventDefault();
          button.disabled = true;
          this.#tell("");
          try {
            const { done, challenge } = await send(Object.fromEntries(new FormData(form)));
            if (done) this.#on();
            else this.#newPassword(challenge);
          } catch (error) {
            this.#tell(reason(error));
            form.querySelector("input[type=password]").select();
          } finally {
            button.disabled = false;
          }
        },
      },
      this.#problem,
      fields,
      button,
    );
    this.#tell("");
    this.#body.replaceChildren(form);
    form.querySelector("input:not([hidden])").focus();
  }

  #newPassword(challenge) {
    this.#form(
      "Set password and sign in",
      [
        element(
          "p",
          {},
          "This account has a password for its first visit only. Choose your own: at least 8 characters, with upper case, lower case and a number.",
        ),
        // Not for the reader, but for the password manager: whose password this is.
        element("input", {
          type: "text",
          value: challenge.user,
          autocomplete: "username",
          readonly: true,
          hidden: true,
        }),
        field("New password", {
          type: "password",
          name: "password",
          autocomplete: "new-password",
          minlength: "8",
          required: true,
        }),
      ],
      ({ password }) => this.#context.session.answer(challenge, password),
    );
  }

  #tell(words) {
    this.#problem.textContent = words;
    this.#problem.hidden = !words;
  }
}

function field(words, attributes) {
  return element("label", { class: "field" }, words, element("input", attributes));
}

function reason(error) {
  if (!(error instanceof Refused)) {
    const { heading, detail } = explain(error);
    return `${heading}. ${detail}`;
  }
  return REASONS[error.code] ?? `Signing in did not work: ${error.message || error.code}.`;
}

const WRONG = "The email address or the password is not right.";

const REASONS = {
  NotAuthorizedException: WRONG,
  // Whether an address has an account is nobody's business.
  UserNotFoundException: WRONG,
  UserNotConfirmedException: "This account is not confirmed yet. Follow the link in the email that was sent to you.",
  PasswordResetRequiredException: "This account needs a new password. Ask who runs this guide to reset it.",
  InvalidPasswordException:
    "This password is too simple: use at least 8 characters, with upper case, lower case and a number.",
  TooManyRequestsException: "There were too many attempts. Wait a few minutes, then try again.",
  LimitExceededException: "There were too many attempts. Wait a few minutes, then try again.",
};
