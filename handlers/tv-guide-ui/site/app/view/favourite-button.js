// The star: makes something a favourite, or leads to signing in first.

import { element, svg } from "../dom.js";
import { explain } from "../problem.js";
import { link } from "../router.js";

/** A button for one show or title, that follows what becomes of it elsewhere. */
export function favouriteButton({ session, favourites, announce }, kind, id, name) {
  if (!session.user) {
    return element(
      "a",
      { class: "button star", href: link("sign-in", { next: location.hash }) },
      star(),
      "Sign in to add to favourites",
    );
  }
  const words = element("span");
  const button = element("button", { type: "button", class: "button star", onclick: toggle }, star(), words);
  const show = () => {
    const is = favourites.has(kind, id);
    button.setAttribute("aria-pressed", is);
    words.textContent = is ? "In your favourites" : "Add to favourites";
  };
  const follow = new AbortController();
  favourites.addEventListener("change", () => (button.isConnected ? show() : follow.abort()), {
    signal: follow.signal,
  });
  show();

  async function toggle() {
    const wanted = !favourites.has(kind, id);
    try {
      await favourites.set(kind, id, name, wanted);
      announce(wanted ? `${name} is now a favourite` : `${name} is no longer a favourite`);
    } catch (error) {
      const { heading, detail } = explain(error);
      announce(`${name} stays as it was. ${heading}: ${detail}`, { visible: true });
    }
  }
  return button;
}

/** The star itself. */
export function star() {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("path", { d: "M10 1.8l2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z" }),
  );
}
