// What stands in a view's place while it has nothing to show: loading, empty, failed.

import { element } from "../dom.js";
import { explain, SignedOut } from "../problem.js";
import { link } from "../router.js";

/** Something is on its way; said aloud only if it takes long enough to be read. */
export function loading(words) {
  return element(
    "p",
    { class: "message loading", role: "status" },
    element("span", { class: "pulse", "aria-hidden": "true" }),
    words,
  );
}

/** There is nothing, and that is no fault. */
export function empty(heading, detail, ...actions) {
  return box("", heading, detail, actions);
}

/** It did not work; with the way on, if there is one. */
export function failure(error, retry) {
  const { heading, detail, retry: again } = explain(error);
  const actions = [];
  if (error instanceof SignedOut) actions.push(signInLink());
  else if (again && retry)
    actions.push(element("button", { type: "button", class: "button", onclick: retry }, "Try again"));
  if (!(error instanceof SignedOut)) console.info(error);
  return box("alert", heading, detail, actions);
}

/** The way to sign in and back to where the reader is. */
export function signInLink(words = "Sign in") {
  return element("a", { class: "button primary", href: link("sign-in", { next: location.hash }) }, words);
}

function box(role, heading, detail, actions) {
  return element(
    "div",
    { class: "message", role: role || undefined },
    element("h2", {}, heading),
    detail && element("p", {}, detail),
    actions.length > 0 && element("p", { class: "actions" }, actions),
  );
}
