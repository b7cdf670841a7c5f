// What the page must know of its deployment; written beside it as config.json when it is deployed.

const MEMBERS = ["api", "cognito", "client_id", "region"];

/** Reads config.json; an error says what is missing from it. */
export async function load() {
  const response = await fetch("config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json answers ${response.status}: deploy the site again`);
  const config = await response.json();
  for (const member of MEMBERS) {
    if (typeof config[member] !== "string" || config[member] === "") {
      throw new Error(`config.json has no "${member}": deploy the site again`);
    }
  }
  return {
    api: config.api.replace(/\/+$/, ""),
    cognito: config.cognito,
    clientId: config.client_id,
    region: config.region,
  };
}
