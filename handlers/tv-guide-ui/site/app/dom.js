// Making elements. Text always becomes text nodes: nothing from outside is ever read as markup.

/**
 * An element with its attributes and children. Attributes that begin with `on` are listeners,
 * `true` sets an empty attribute, and `false`, `null` and `undefined` leave one out.
 */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return made;
}

/** A link to another site, in a tab of its own; plain text where the address is not one. */
export function outside(address, ...children) {
  const url = webAddress(address);
  if (!url) return element("span", {}, ...children);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** An address from upstream if it is one of the web, so that no other scheme becomes a link. */
export function webAddress(text) {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
}
