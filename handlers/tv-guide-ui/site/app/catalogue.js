// The sources and genres that titles and preferences speak of by id.

import { namedOf } from "./model.js";

export class Catalogue {
  #api;
  #lists = new Map();

  constructor(api) {
    this.#api = api;
  }

  /** Every streaming source, by name. */
  sources() {
    return this.#list("/sources");
  }

  /** Every genre, by name. */
  genres() {
    return this.#list("/genres");
  }

  #list(path) {
    if (!this.#lists.has(path)) {
      const list = this.#api
        .read(path)
        .then((all) => all.map(namedOf).sort((a, b) => a.name.localeCompare(b.name, "en-GB")));
      list.catch(() => this.#lists.delete(path));
      this.#lists.set(path, list);
    }
    return this.#lists.get(path);
  }
}
