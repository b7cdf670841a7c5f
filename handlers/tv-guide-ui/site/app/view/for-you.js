// Recommendations: well-rated titles of the user's sources and genres.

import { element } from "../dom.js";
import { titleOf } from "../model.js";
import { link } from "../router.js";
import { empty, failure, loading } from "./message.js";
import { titles } from "./titles.js";

export class ForYouView {
  #context;
  #abort;
  #body = element("div", { "aria-live": "polite" });
  element = element(
    "section",
    { class: "page" },
    element("h1", { tabindex: "-1" }, "For you"),
    element("p", { class: "intro" }, "Well-rated titles on your sources, in your genres."),
    this.#body,
  );

  constructor(context) {
    this.#context = context;
  }

  /** Fetches and shows them. */
  async show() {
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    this.#context.title("For you");
    this.#body.replaceChildren(loading("Fetching recommendations…"));
    try {
      const { titles: found } = await this.#context.api.readOwn("/recommendations", {}, { signal });
      if (signal.aborted) return;
      this.#body.replaceChildren(
        found.length
          ? titles(found.map(titleOf))
          : empty(
              "Nothing to recommend yet",
              "Choose the sources that you have and the genres that you like.",
              element("a", { class: "button primary", href: link("preferences") }, "Choose preferences"),
            ),
      );
    } catch (error) {
      if (!signal.aborted) this.#body.replaceChildren(failure(error, () => this.show()));
    }
  }

  hide() {
    this.#abort?.abort();
  }
}
