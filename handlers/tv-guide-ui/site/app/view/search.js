// Search: what is on television, for everybody, and what can be streamed, for who is signed in.

import { element } from "../dom.js";
import { titleOf } from "../model.js";
import { SignedOut } from "../problem.js";
import { go, link } from "../router.js";
import { dayOf } from "../time.js";
import { airing } from "./airing.js";
import { empty, failure, loading, signInLink } from "./message.js";
import { titles } from "./titles.js";

/** How many programmes and titles are shown at once. */
const PROGRAMMES = 12;
const PAGE = 24;

export class SearchView {
  #context;
  #abort;
  #parts = {};

  constructor(context) {
    this.#context = context;
    this.element = this.#build();
  }

  /** Searches for what an address asks for. */
  async show({ query }) {
    const { q, source, genre } = this.#parts;
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    const wanted = {
      q: (query.get("q") ?? "").trim(),
      source: query.get("source") ?? "",
      genre: query.get("genre") ?? "",
    };
    this.#context.title(wanted.q ? `Search: ${wanted.q}` : "Search");
    q.value = wanted.q;
    await this.#choices();
    [source.value, genre.value] = [wanted.source, wanted.genre];
    if (signal.aborted) return;
    this.#parts.programmes.replaceChildren();
    this.#parts.titles.replaceChildren();
    if (wanted.q.length === 1) {
      this.#parts.titles.replaceChildren(empty("One more letter", "A search takes two letters at least."));
      return;
    }
    await Promise.all([wanted.q && this.#programmes(wanted.q, signal), this.#titles(wanted, signal)]);
  }

  hide() {
    this.#abort?.abort();
  }

  #build() {
    const parts = this.#parts;
    parts.q = element("input", {
      type: "search",
      id: "search-q",
      name: "q",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: "100",
    });
    parts.source = element(
      "select",
      { id: "search-source", name: "source", onchange: () => this.#submit() },
      element("option", { value: "" }, "Any source"),
    );
    parts.genre = element(
      "select",
      { id: "search-genre", name: "genre", onchange: () => this.#submit() },
      element("option", { value: "" }, "Any genre"),
    );
    parts.programmes = element("section", { class: "results", "aria-live": "polite" });
    parts.titles = element("section", { class: "results", "aria-live": "polite" });
    return element(
      "section",
      { class: "page" },
      element("h1", { tabindex: "-1" }, "Search"),
      element(
        "form",
        {
          role: "search",
          class: "search-form",
          onsubmit: (event) => {
            event.preventDefault();
            this.#submit();
          },
        },
        element("label", { for: "search-q", class: "wide" }, "Name begins with", parts.q),
        element("label", { for: "search-source" }, "Source", parts.source),
        element("label", { for: "search-genre" }, "Genre", parts.genre),
        element("button", { type: "submit", class: "button primary" }, "Search"),
      ),
      parts.programmes,
      parts.titles,
    );
  }

  #submit() {
    const { q, source, genre } = this.#parts;
    go(link("search", { q: q.value.trim(), source: source.value, genre: genre.value }));
  }

  // Without the choices one can still search by name.
  async #choices() {
    const { catalogue } = this.#context;
    const fill = async (select, list) => {
      if (select.options.length > 1) return;
      const all = await list.catch(() => []);
      if (select.options.length === 1)
        select.append(...all.map(({ id, name }) => element("option", { value: id }, name)));
    };
    await Promise.all([fill(this.#parts.source, catalogue.sources()), fill(this.#parts.genre, catalogue.genres())]);
  }

  async #programmes(q, signal) {
    const { programmes: box } = this.#parts;
    const { schedule, now } = this.#context;
    box.replaceChildren(element("h2", {}, "On television today"), loading("Looking through today’s guide…"));
    try {
      const today = dayOf(now());
      if (!schedule.complete(today)) await schedule.load(today, now(), () => {}, signal);
      const found = matching(schedule.all(), q, now());
      if (signal.aborted) return;
      box.replaceChildren(
        element("h2", {}, "On television"),
        found.length
          ? element(
              "ul",
              { class: "airings" },
              found.slice(0, PROGRAMMES).map((programme) => airing(programme, now())),
            )
          : element(
              "p",
              { class: "quiet" },
              "Nothing of this name is still to come on the days that you have looked at.",
            ),
      );
    } catch (error) {
      if (!signal.aborted)
        box.replaceChildren(
          element("h2", {}, "On television"),
          failure(error, () => this.#programmes(q, signal)),
        );
    }
  }

  async #titles(wanted, signal) {
    const { titles: box } = this.#parts;
    const heading = element("h2", {}, wanted.q || wanted.source || wanted.genre ? "To stream" : "New to stream");
    if (!this.#context.session.user) {
      box.replaceChildren(
        heading,
        empty("Streaming titles are for signed-in readers", "Sign in, and you come back to this search.", signInLink()),
      );
      return;
    }
    box.replaceChildren(heading, loading("Searching…"));
    try {
      const { found, next } = await this.#page(wanted, undefined, signal);
      if (signal.aborted) return;
      if (found.length === 0)
        box.replaceChildren(
          heading,
          empty("Nothing found", "No title begins with these letters or has this source and genre."),
        );
      else box.replaceChildren(heading, titles(found), this.#more(wanted, next, signal));
    } catch (error) {
      if (signal.aborted) return;
      box.replaceChildren(
        heading,
        failure(error, error instanceof SignedOut ? undefined : () => this.#titles(wanted, signal)),
      );
    }
  }

  // A page can be empty and yet have a next one: what is asked for may stand further on.
  async #page(wanted, cursor, signal) {
    let page;
    do {
      page = await this.#context.api.readOwn(
        "/titles",
        { ...wanted, limit: PAGE, cursor: page?.next ?? cursor },
        { signal },
      );
    } while (page.titles.length === 0 && page.next);
    return { found: page.titles.map(titleOf), next: page.next };
  }

  #more(wanted, next, signal) {
    const place = element("p", { class: "actions more" });
    if (!next) return place;
    const button = element(
      "button",
      {
        type: "button",
        class: "button",
        onclick: async () => {
          button.disabled = true;
          try {
            const page = await this.#page(wanted, next, signal);
            const more = titles(page.found);
            place.replaceWith(more, this.#more(wanted, page.next, signal));
            more.querySelector("a")?.focus();
          } catch (error) {
            button.disabled = false;
            if (!signal.aborted) place.append(failure(error));
          }
        },
      },
      "Show more",
    );
    place.append(button);
    return place;
  }
}

function matching(programmes, q, now) {
  const letters = q.toLocaleLowerCase("en-GB");
  return programmes
    .filter(
      ({ title, end, cancelled }) => end > now && !cancelled && title.toLocaleLowerCase("en-GB").includes(letters),
    )
    .sort((a, b) => a.start - b.start);
}
