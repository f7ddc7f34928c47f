// Schemas as people read them.

let api = null; // the document, once it has come

function resolve(schema) {
  let seen = schema || {};
  for (let depth = 0; seen.$ref && depth < 20; depth += 1) {
    seen = seen.$ref
      .slice(2)
      .split("/")
      .reduce((place, step) => place[step], api);
  }
  return seen;
}

const nameOf = (schema) =>
  schema && schema.$ref
    ? schema.$ref
        .split("/")
        .pop()
        .replace(/Input$/, "")
    : "";

/** Without null and without the zero that stands for "not given". */
function proper(schema) {
  const choices = schema.anyOf;
  if (!choices) return { schema, nullable: false };
  const rest = choices.filter(
    (one) => one.type !== "null" && one.const === undefined && one.maxItems !== 0,
  );
  const nullable = choices.some((one) => one.type === "null");
  if (rest.length !== 1) return { schema, nullable };
  const { anyOf: _, ...others } = schema;
  return { schema: { ...rest[0], ...others }, nullable };
}

/** The values of an enumeration, also of one that is written as a pattern. */
function valuesOf(schema) {
  const [, words] = (schema.pattern || "").match(/^\^\(([\w-]+(?:\|[\w-]+)+)\)\??\$$/) || [];
  return schema.enum || (words ? words.split("|") : null);
}

function typeOf(given) {
  const { schema } = proper(given || {});
  const name = nameOf(schema);
  if (name) return name;
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (valuesOf(schema)) return "one of";
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`;
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return `map of ${typeOf(schema.additionalProperties)}`;
  }
  if (schema.format === "binary") return "file";
  if (schema.format === "uuid" || (schema.pattern || "").includes("[0-9a-f]{8}(-")) return "UUID";
  if (schema.format === "date-time") return "time";
  if (schema.format) return schema.format;
  if (schema.contentEncoding) return "base64";
  return (
    { string: "text", integer: "whole number", number: "number", boolean: "yes or no" }[
      schema.type
    ] ||
    schema.type ||
    "anything"
  );
}

const NULLABLE = "may be null";

/** Bounds in a few words, each a chip. */
function rulesOf(given) {
  const { schema, nullable } = proper(given || {});
  const found = [];
  const { minimum: low, maximum: high, minLength, maxLength, minItems, maxItems } = schema;
  const far = (bound) => Math.abs(bound) >= 2 ** 31 - 1;
  if (low !== undefined && high !== undefined && !far(high)) found.push(`${low} – ${high}`);
  else if (low !== undefined && !far(low)) found.push(`≥ ${low}`);
  else if (high !== undefined && !far(high)) found.push(`≤ ${high}`);
  if (minLength > 1 && maxLength) found.push(`${minLength} – ${maxLength} characters`);
  else if (maxLength) found.push(`≤ ${maxLength} characters`);
  else if (minLength > 1) found.push(`≥ ${minLength} characters`);
  if (minItems) found.push(`≥ ${minItems} ${minItems === 1 ? "item" : "items"}`);
  if (maxItems) found.push(`≤ ${maxItems} items`);
  const pattern = schema.pattern || "";
  if (
    pattern &&
    !pattern.includes("\\u0000") &&
    !pattern.includes("!-~") &&
    !pattern.includes("[0-9a-f]{8}(-") &&
    !valuesOf(schema) &&
    pattern.length < 60
  )
    found.push(pattern);
  if (schema.default !== undefined) found.push(`default ${JSON.stringify(schema.default)}`);
  return nullable ? [...found, NULLABLE] : found;
}

function chips(schema) {
  const rules = rulesOf(schema).map((rule) =>
    h("span", { class: rule === NULLABLE ? "chip chip-null" : "chip" }, rule),
  );
  const values = (valuesOf(proper(schema).schema) || []).map((value) =>
    h("code", { class: "chip chip-value" }, String(value)),
  );
  return rules.length + values.length ? h("div", { class: "chips" }, values, rules) : null;
}

/** What a schema is made of, below its own line. */
function inside(given) {
  const { schema } = proper(given || {});
  const whole = resolve(schema);
  if (whole.allOf) return whole;
  if (whole.properties) return whole;
  if (whole.type === "array") return inside(whole.items);
  if (whole.type === "object" && typeof whole.additionalProperties === "object")
    return inside(whole.additionalProperties);
  return null;
}

function row(
  name,
  schema,
  { required = false, description = "", depth = 0, seen = [], place = "" } = {},
) {
  const children = inside(schema);
  const own = nameOf(proper(schema).schema) || nameOf((proper(schema).schema || {}).items);
  const again = own && seen.includes(own);
  const words = description || proper(schema).schema.description || "";
  const head = [
    h("span", { class: "field-name" }, name),
    h("span", { class: "field-type" }, typeOf(schema)),
    required ? h("span", { class: "field-required" }, "required") : null,
    place ? h("span", { class: "field-place" }, place) : null,
  ];
  const about = [words ? h("div", { class: "field-words" }, inline(words)) : null, chips(schema)];
  if (!children || again || depth > 5)
    return h("div", { class: "field" }, h("div", { class: "field-head" }, head), about);
  return h(
    "details",
    { class: "field field-group", open: depth < 1 && required },
    h("summary", { class: "field-head" }, icon("chevron"), head),
    about,
    h(
      "div",
      { class: "field-inner" },
      rows(children, { depth: depth + 1, seen: own ? [...seen, own] : seen }),
    ),
  );
}

function rows(given, { depth = 0, seen = [] } = {}) {
  const schema = resolve(given);
  const required = new Set(schema.required || []);
  return Object.entries(schema.properties || {}).map(([name, inner]) =>
    row(name, inner, { required: required.has(name) && depth >= 0, depth, seen }),
  );
}

/** A whole message: its words, then its fields. */
function message(given, { showRequired = true } = {}) {
  const schema = resolve(given);
  const name = nameOf(given);
  const list = rows(given, { seen: name ? [name] : [] });
  const box = h("div", { class: showRequired ? "fields" : "fields fields-plain" }, list);
  return [
    schema.description ? h("p", { class: "message-words" }, inline(schema.description)) : null,
    list.length ? box : h("p", { class: "quiet" }, "Nothing."),
  ];
}
