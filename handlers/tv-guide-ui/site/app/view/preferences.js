// The user's sources and genres. Saving takes notice of changes that were made elsewhere meanwhile.

import { element } from "../dom.js";
import { merge, same } from "../merge.js";
import { explain, Problem } from "../problem.js";
import { failure, loading } from "./message.js";

const LISTS = [
  {
    list: "sources",
    heading: "Sources",
    intro: "The services and channels that you can watch.",
    filter: "Filter sources",
  },
  { list: "genres", heading: "Genres", intro: "What you like to watch.", filter: "Filter genres" },
];

export class PreferencesView {
  #context;
  #base;
  #version;
  #abort;
  #body = element("div");
  #status = element("p", { class: "status", role: "status" });
  #save = element("button", { type: "submit", class: "button primary" }, "Save");
  element = element("section", { class: "page" }, element("h1", { tabindex: "-1" }, "Preferences"), this.#body);

  constructor(context) {
    this.#context = context;
  }

  /** Fetches and shows them. */
  async show() {
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    this.#context.title("Preferences");
    this.#body.replaceChildren(loading("Fetching your preferences…"));
    try {
      const { api, catalogue } = this.#context;
      const [own, sources, genres] = await Promise.all([
        api.readVersioned("/preferences"),
        catalogue.sources(),
        catalogue.genres(),
      ]);
      if (signal.aborted) return;
      this.#take(own);
      this.#draw({ sources, genres });
    } catch (error) {
      if (!signal.aborted) this.#body.replaceChildren(failure(error, () => this.show()));
    }
  }

  hide() {
    this.#abort?.abort();
  }

  #take({ body: { sources, genres }, version }) {
    this.#base = { sources, genres };
    this.#version = version;
  }

  #draw(all) {
    this.#body.replaceChildren(
      element(
        "form",
        { onsubmit: (event) => this.#submit(event), onchange: () => this.#changed() },
        element(
          "div",
          { class: "lists" },
          LISTS.map((one) => this.#fieldset(one, all[one.list])),
        ),
        element("div", { class: "save-bar" }, this.#save, this.#status),
      ),
    );
    this.#check(this.#base);
    this.#changed();
  }

  #fieldset({ list, heading, intro, filter }, items) {
    const count = element("span", { class: "count", "data-count": list });
    const nothing = element("p", { class: "quiet", hidden: true }, "None of this name.");
    const boxes = items.map(({ id, name }) =>
      element(
        "label",
        { class: "choice" },
        element("input", { type: "checkbox", name: list, value: id }),
        element("span", {}, name),
      ),
    );
    const narrow = ({ target }) => {
      const wanted = target.value.trim().toLocaleLowerCase("en-GB");
      for (const box of boxes) box.hidden = !box.textContent.toLocaleLowerCase("en-GB").includes(wanted);
      nothing.hidden = boxes.some((box) => !box.hidden);
    };
    return element(
      "fieldset",
      {},
      element("legend", {}, heading, " ", count),
      element("p", { class: "quiet" }, intro),
      element("input", {
        type: "search",
        class: "filter",
        placeholder: filter,
        "aria-label": filter,
        autocomplete: "off",
        oninput: narrow,
      }),
      element("div", { class: "choices" }, boxes),
      nothing,
    );
  }

  #boxes(list) {
    return [...this.#body.querySelectorAll(`input[name="${list}"]`)];
  }

  // What is chosen, and what was chosen before but is not offered here: that stays as it was.
  #chosen() {
    return Object.fromEntries(
      LISTS.map(({ list }) => {
        const boxes = this.#boxes(list);
        const offered = new Set(boxes.map(({ value }) => value));
        const kept = this.#base[list].filter((id) => !offered.has(id));
        return [list, [...kept, ...boxes.filter(({ checked }) => checked).map(({ value }) => value)]];
      }),
    );
  }

  #check(preferences) {
    for (const { list } of LISTS) {
      const chosen = new Set(preferences[list]);
      for (const box of this.#boxes(list)) box.checked = chosen.has(box.value);
    }
  }

  #changed() {
    const chosen = this.#chosen();
    for (const { list } of LISTS) {
      this.#body.querySelector(`[data-count="${list}"]`).textContent = `${chosen[list].length} chosen`;
    }
    const pending = !same(this.#base, chosen);
    this.#save.disabled = !pending;
    this.#status.textContent = pending ? "Not saved yet" : "";
  }

  async #submit(event) {
    event.preventDefault();
    const mine = this.#chosen();
    this.#save.disabled = true;
    this.#status.textContent = "Saving…";
    try {
      const { api } = this.#context;
      await api.write("/preferences", mine, this.#version);
      this.#take(await api.readVersioned("/preferences"));
      this.#check(this.#base);
      this.#changed();
      this.#status.textContent = "Saved";
    } catch (error) {
      await this.#refused(error, mine);
    }
  }

  async #refused(error, mine) {
    if (error instanceof Problem && error.status === 412) {
      try {
        const before = this.#base;
        this.#take(await this.#context.api.readVersioned("/preferences"));
        this.#check(merge(before, mine, this.#base));
        this.#changed();
        this.#status.textContent =
          "Your preferences were changed elsewhere. Both changes are put together here; look them over and save again.";
        this.#save.disabled = false;
        return;
      } catch (again) {
        error = again;
      }
    }
    const { heading, detail } = explain(error);
    this.#save.disabled = false;
    this.#status.textContent = `Not saved. ${heading}: ${detail}`;
  }
}
