// The user's favourites. A change shows at once and is taken back if the API refuses it.

/** Tells its listeners with the event `change`; its `detail` is what changed, or null for all. */
export class Favourites extends EventTarget {
  #api;
  #session;
  #known = new Map();
  #loading;
  #waiting = new Map();

  constructor(api, session) {
    super();
    this.#api = api;
    this.#session = session;
    session.addEventListener("change", () => this.#forget());
  }

  /** Whether it is one, as far as is known. */
  has(kind, id) {
    return this.#known.has(`${kind}:${id}`);
  }

  /** All of them, fetched once for each session. */
  async load({ again = false } = {}) {
    if (again) this.#loading = undefined;
    this.#loading ??= this.#api.readOwn("/favourites").then(({ favourites }) => {
      this.#known = new Map(favourites.map((favourite) => [`${favourite.kind}:${favourite.id}`, favourite]));
      this.#tell(null);
    });
    this.#loading.catch(() => (this.#loading = undefined));
    await this.#loading;
    return [...this.#known.values()];
  }

  /** Makes it one, or no longer one; throws, with everything as it was, if the API refuses. */
  async set(kind, id, name, wanted) {
    const key = `${kind}:${id}`;
    const before = this.#known.get(key);
    if (Boolean(before) === wanted) return;
    this.#put(key, wanted ? { kind, id, name } : undefined);
    try {
      await this.#inTurn(key, () => {
        const path = `/favourites/${kind}/${encodeURIComponent(id)}`;
        return wanted ? this.#api.write(path) : this.#api.remove(path);
      });
    } catch (error) {
      this.#put(key, before);
      throw error;
    }
  }

  // Two changes of the same one reach the API in the order in which they were made.
  async #inTurn(key, send) {
    const before = this.#waiting.get(key) ?? Promise.resolve();
    const sent = before.catch(() => {}).then(send);
    this.#waiting.set(key, sent);
    try {
      await sent;
    } finally {
      if (this.#waiting.get(key) === sent) this.#waiting.delete(key);
    }
  }

  #put(key, favourite) {
    if (favourite) this.#known.set(key, favourite);
    else this.#known.delete(key);
    this.#tell(key);
  }

  #forget() {
    this.#loading = undefined;
    this.#known = new Map();
    this.#tell(null);
    if (this.#session.user) this.load().catch(() => {});
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent("change", { detail }));
  }
}
