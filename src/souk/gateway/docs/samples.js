// Example values, made from schemas.

const KNOWN = {
  email: "ada@example.com",
  password: "correct-horse-battery",
  first_name: "Ada",
  last_name: "Lovelace",
  name: "Ocean Blue Shirt",
  refusal: "",
  note: "",
  street_1: "12 Market Street",
  city: "Springfield",
  state: "IL",
  postal_code: "62701",
  country: "US",
  phone: "+1 555 0100",
  phone_number: "+15550100",
  currency: "USD",
  amount: 1999,
  sku: "TEE-M-RED",
  description: "Soft cotton, made to last.",
  category: "apparel/shirts",
  brand: "Acme",
  provider: "sandbox",
  method: "approve",
  shipping_method: "standard",
  carrier: "souk",
  reason: "Changed my mind.",
  quantity: 2,
  latitude: 52.52,
  longitude: 13.405,
  slug: "acme-tee",
  url: "https://example.com/tee.jpg",
  client_secret: "…",
  alt: "A red tee",
  code: "WELCOME10",
  title: "Tee",
  type: "shipping",
  page: 1,
  page_size: 20,
  sort: "price",
  q: "shirt",
  order_number: "SK-2N7Q4F",
  tracking_number: "SOUK7Q4F2N",
  variant_name: "M / Red",
  image_url: "https://example.com/tee.jpg",
  shop_name: "Acme",
  token_type: "Bearer",
  expires_in: 900,
  total: 1,
  next_cursor: "",
  on_hand: 20,
  stock: 20,
  weight_grams: 300,
  rating: 4.6,
  review_count: 12,
  region: "US-IL",
  basis_points: 825,
  address: "12 Market Street",
  value: "M",
};

const LIKELY = ["confirmed", "authorized", "published", "active"];

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
    const one =
      depth > 6
        ? null
        : sample(schema.items, {
            name: name.replace(/s$/, ""),
            all,
            depth: depth + 1,
            seen: inner,
            lively,
          });
    return one === null ? [] : [one];
  }
  if (schema.type === "object" || schema.properties)
    return sampleObject(schema, { all, depth, seen: inner, lively });
  return plainSample(schema, name, seen[seen.length - 1] || "");
}

function sampleObject(schema, { all, depth, seen, lively }) {
  if (!schema.properties) {
    return typeof schema.additionalProperties === "object" && all
      ? { Size: sample(schema.additionalProperties, { name: "value" }) }
      : {};
  }
  const required = new Set(schema.required || []);
  const wanted = Object.entries(schema.properties).filter(([name]) => all || required.has(name));
  return Object.fromEntries(
    wanted.map(([name, inner]) => [
      name,
      sample(inner, { name, all, depth: depth + 1, seen, lively }),
    ]),
  );
}

function plainSample(schema, name, owner) {
  const fits =
    KNOWN[name] !== undefined && (schema.type === "string") === (typeof KNOWN[name] === "string");
  const kind = typeOf(schema);
  if (kind === "UUID" || name === "id" || (name.endsWith("_id") && schema.type === "string"))
    return ID;
  if (schema.type === "boolean")
    return name.startsWith("is_") || name === "approve" || name === "in_stock";
  if (name === "name" && /Address/.test(owner)) return "Ada Lovelace";
  if (name === "name" && /Shop/.test(owner)) return "Acme Outfitters";
  if (fits) return KNOWN[name];
  if (schema.format === "date-time") return "2026-03-14T09:26:53Z";
  if (schema.format === "email") return KNOWN.email;
  if (name.includes("token")) return "…";
  if (schema.type === "integer" || schema.type === "number")
    return (
      Math.max(schema.minimum ?? 0, schema.exclusiveMinimum ?? 0) ||
      (schema.maximum === undefined ? 0 : Math.min(1, schema.maximum))
    );
  if (schema.type === "string") return name ? name.replace(/_/g, " ") : "text";
  return null;
}
