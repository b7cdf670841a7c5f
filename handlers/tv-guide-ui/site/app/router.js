// Addresses within the page: the part after `#`. Hashes need no rewriting by the server.

/** `#/guide/2026-01-09?x=1` as `{ view: "guide", params: ["2026-01-09"], query }`. */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", ...params] = path.split("/").filter(Boolean).map(decode);
  return { view: view || "guide", params, query: new URLSearchParams(query) };
}

/** The address of a view: `link("title", "42")`, `link("search", { q: "news" })`. */
export function link(view, ...parts) {
  const last = parts.at(-1);
  const query = last !== null && typeof last === "object" ? last : undefined;
  const params = (query ? parts.slice(0, -1) : parts).map(encodeURIComponent);
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value != null && value !== "");
  const tail = pairs.length ? `?${new URLSearchParams(pairs)}` : "";
  return `#/${[view, ...params].join("/")}${tail}`;
}

/** Goes to an address, in place of the present one where the way back should not lead here. */
export function go(address, { replace = false } = {}) {
  if (replace) location.replace(address);
  else location.hash = address;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
