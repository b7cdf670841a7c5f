// The page of one film or series.

import { element } from "../dom.js";
import { titleOf } from "../model.js";
import { link } from "../router.js";
import { favouriteButton } from "./favourite-button.js";
import { failure, loading } from "./message.js";
import { airing } from "./airing.js";
import { poster } from "./poster.js";
import { rating } from "./titles.js";

export class TitleView {
  #context;
  #abort;
  element = element("section", { class: "page" });

  constructor(context) {
    this.#context = context;
  }

  /** Fetches and shows the title of an address. */
  async show({ params: [id] }) {
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    this.#context.title("Title");
    this.#fill(element("h1", { tabindex: "-1" }, "Title"), loading("Fetching the title…"));
    try {
      const { api, catalogue } = this.#context;
      const [wire, sources, genres] = await Promise.all([
        api.readOwn(`/titles/${encodeURIComponent(id ?? "")}`, {}, { signal }),
        catalogue.sources(),
        catalogue.genres(),
      ]);
      if (signal.aborted) return;
      const title = titleOf(wire);
      this.#context.title(title.title);
      this.#fill(...this.#content(title, named(sources), named(genres)));
      this.element.querySelector("h1").focus();
    } catch (error) {
      if (!signal.aborted)
        this.#fill(
          element("h1", { tabindex: "-1" }, "Title"),
          failure(error, () => this.show({ params: [id] })),
        );
    }
  }

  hide() {
    this.#abort?.abort();
  }

  #fill(...content) {
    this.element.replaceChildren(...content);
  }

  #content(title, sources, genres) {
    const { id, title: name, year, type, plot, ratings, imdb } = title;
    return [
      element(
        "div",
        { class: "lead" },
        poster(title.poster, name),
        element(
          "div",
          {},
          element("h1", { tabindex: "-1" }, name),
          element(
            "p",
            { class: "quiet" },
            [type, year, ...title.genres.map((genre) => genres.get(genre)).filter(Boolean)].filter(Boolean).join(" · "),
          ),
          ratings.map((one) => element("p", { class: "rating" }, rating(one))),
          element("p", { class: "plot" }, plot ?? "No description is known yet."),
          element(
            "p",
            { class: "actions" },
            favouriteButton(this.#context, "title", id, name),
            imdb &&
              element(
                "a",
                {
                  class: "button",
                  href: `https://www.imdb.com/title/${imdb}/`,
                  target: "_blank",
                  rel: "noopener noreferrer",
                },
                "On IMDb",
              ),
          ),
        ),
      ),
      title.airings.length > 0 &&
        element(
          "section",
          {},
          element("h2", {}, "On television"),
          element(
            "ul",
            { class: "airings" },
            title.airings.map((programme) => airing(programme, this.#context.now())),
          ),
        ),
      element(
        "section",
        {},
        element("h2", {}, "Where to stream it"),
        title.sources.length
          ? element(
              "ul",
              { class: "chips" },
              title.sources.map((source) =>
                element(
                  "li",
                  {},
                  element(
                    "a",
                    { class: "chip", href: link("search", { source }) },
                    sources.get(source) ?? `Source ${source}`,
                  ),
                ),
              ),
            )
          : element("p", {}, "No streaming source has it at present."),
      ),
    ].filter(Boolean);
  }
}

function named(all) {
  return new Map(all.map(({ id, name }) => [id, name]));
}
