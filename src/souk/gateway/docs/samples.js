// Examples: values for schemas, and the same request in several languages.

const KNOWN = {
  email: "ada@example.com", password: "correct-horse-battery", first_name: "Ada", last_name: "Lovelace",
  name: "Ocean Blue Shirt", refusal: "", note: "", street_1: "12 Market Street", city: "Springfield", state: "IL", postal_code: "62701",
  country: "US", phone: "+1 555 0100", phone_number: "+15550100", currency: "USD", amount: 1999, sku: "TEE-M-RED",
  description: "Soft cotton, made to last.", category: "apparel/shirts", brand: "Acme", provider: "sandbox",
  method: "approve", shipping_method: "standard", carrier: "souk", reason: "Changed my mind.", quantity: 2,
  latitude: 52.52, longitude: 13.405, slug: "acme-tee", url: "https://example.com/tee.jpg", client_secret: "…", alt: "A red tee",
  code: "WELCOME10", title: "Tee", type: "shipping", page: 1, page_size: 20, sort: "price", q: "shirt",
  order_number: "SK-2N7Q4F", tracking_number: "SOUK7Q4F2N", variant_name: "M / Red", image_url: "https://example.com/tee.jpg",
  shop_name: "Acme", token_type: "Bearer", expires_in: 900, total: 3998, on_hand: 20, stock: 20, weight_grams: 300,
  rating: 4.6, review_count: 12, region: "US-IL", basis_points: 825, address: "12 Market Street", value: "M",
};
const LIKELY = ["confirmed", "authorized", "published", "done", "active"];
const RARE = ["next_action", "expires_at"];
const ID = "0197a3f2-5c1e-7d4b-9a86-3f2b1c0d4e5f";

/** A value; `lively` fills in what is mostly null. */
function sample(given, { name = "", all = true, depth = 0, seen = [], lively = false } = {}) {
  const own = nameOf(given);
  if (own && seen.includes(own)) return null;
  const { schema, nullable } = proper(resolve(given));
  if (nullable && !lively && RARE.includes(name)) return null;
  const inner = own ? [...seen, own] : seen;
  if (schema.$ref) return sample(schema, { name, all, depth, seen: inner, lively });
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum.find((one) => LIKELY.includes(one)) || schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0], { name, all, depth, seen: inner, lively });
  if (schema.type === "array") {
    const one = depth > 6 ? null : sample(schema.items, { name: name.replace(/s$/, ""), all, depth: depth + 1, seen: inner, lively });
    return one === null ? [] : [one];
  }
  if (schema.type === "object" || schema.properties) return sampleObject(schema, { all, depth, seen: inner, lively });
  return plainSample(schema, name, seen[seen.length - 1] || "");
}

function sampleObject(schema, { all, depth, seen, lively }) {
  if (!schema.properties) {
    return typeof schema.additionalProperties === "object" && all ? { Size: sample(schema.additionalProperties, { name: "value" }) } : {};
  }
  const required = new Set(schema.required || []);
  const wanted = Object.entries(schema.properties).filter(([name]) => all || required.has(name));
  return Object.fromEntries(wanted.map(([name, inner]) => [name, sample(inner, { name, all, depth: depth + 1, seen, lively })]));
}

function plainSample(schema, name, owner) {
  const fits = KNOWN[name] !== undefined && (schema.type === "string") === (typeof KNOWN[name] === "string");
  const kind = typeOf(schema);
  if (kind === "UUID" || name === "id" || (name.endsWith("_id") && schema.type === "string")) return ID;
  if (schema.type === "boolean") return name.startsWith("is_") || name === "approve" || name === "in_stock";
  if (name === "name" && /Address/.test(owner)) return "Ada Lovelace";
  if (name === "name" && /Shop/.test(owner)) return "Acme Outfitters";
  if (fits) return KNOWN[name];
  if (schema.format === "date-time") return "2026-03-14T09:26:53Z";
  if (schema.format === "email") return KNOWN.email;
  if (name.includes("token")) return "…";
  if (schema.type === "integer" || schema.type === "number") return Math.max(schema.minimum ?? 0, schema.exclusiveMinimum ?? 0) || (schema.maximum === undefined ? 0 : Math.min(1, schema.maximum));
  if (schema.type === "string") return name ? name.replace(/_/g, " ") : "text";
  return null;
}

const pretty = (value) => JSON.stringify(value, null, 2);

/** JSON with its parts coloured. */
function lit(text) {
  const parts = text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)/);
  return parts.map((part, index) => {
    if (index % 2 === 0) return part;
    const kind = part.startsWith('"') ? (part.endsWith(":") ? "key" : "text") : /^[tfn]/.test(part) ? "word" : "number";
    if (kind === "key") return [h("span", { class: "lit-key" }, part.slice(0, -1).trimEnd()), ":"];
    return h("span", { class: `lit-${kind}` }, part);
  });
}

function codeBlock(content, text) {
  return h("div", { class: "code" }, copyButton(text), h("pre", { tabindex: "0" }, h("code", {}, content)));
}

const quoted = (text) => `'${String(text).replace(/'/g, "'\\''")}'`;

function asCurl({ verb, url, headers, body, file, stream }) {
  const lines = [`curl ${stream ? "-N " : ""}${verb === "GET" ? "" : `-X ${verb} `}${quoted(url)}`];
  for (const [name, value] of headers) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (file) lines.push("-F 'file=@products.csv'");
  else if (body) lines.push(`-d ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

function asJavaScript({ verb, url, headers, body, file, socket }) {
  if (socket) {
    return `const socket = new WebSocket(\n  ${JSON.stringify(url.replace(/^http/, "ws"))},\n  ["bearer", token],\n);\nsocket.onmessage = ({ data }) => console.log(JSON.parse(data));`;
  }
  const options = [];
  if (verb !== "GET") options.push(`  method: "${verb}",`);
  const sent = headers.filter(([name]) => !file || name !== "Content-Type");
  if (sent.length) options.push(`  headers: {\n${sent.map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`).join("\n")}\n  },`);
  if (file) options.push("  body: form, // a FormData with the part `file`");
  else if (body) options.push(`  body: JSON.stringify(${body.split("\n").join("\n  ")}),`);
  const rest = options.length ? `, {\n${options.join("\n")}\n}` : "";
  return `const answer = await fetch(${JSON.stringify(url)}${rest});\nconsole.log(answer.status, await answer.json());`;
}

function asPython({ verb, url, headers, body, file }) {
  const given = [JSON.stringify(url)];
  const sent = headers.filter(([name]) => name !== "Content-Type");
  if (sent.length) given.push(`headers={\n${sent.map(([name, value]) => `        ${JSON.stringify(name)}: ${JSON.stringify(value)},`).join("\n")}\n    }`);
  if (file) given.push('files={"file": open("products.csv", "rb")}');
  else if (body) {
    const words = { true: "True", false: "False", null: "None" };
    const python = body.replace(/"(?:[^"\\]|\\.)*"|\b(true|false|null)\b/g, (all, word) => words[word] || all);
    given.push(`json=${python.split("\n").join("\n    ")}`);
  }
  return `import httpx\n\nanswer = httpx.${verb.toLowerCase()}(\n    ${given.join(",\n    ")},\n)\nprint(answer.status_code, answer.json())`;
}
