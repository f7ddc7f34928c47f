// What the form of a method holds, and the request it makes.

/** What the form of a method holds; the samples in other languages are made from it. */
class Draft {
  constructor(operation) {
    this.operation = operation;
    this.values = {};
    this.file = null;
    this.key = freshKey();
    this.all = false;
    for (const one of operation.parameters || []) {
      if (one.in === "path") this.values[one.name] = String(sample(one.schema, { name: one.name }));
    }
    this.body = this.hasJson ? this.sampleBody() : "";
  }

  get json() {
    return ((this.operation.requestBody || {}).content || {})["application/json"];
  }
  get hasJson() {
    return Boolean(this.json && this.json.schema);
  }
  get isUpload() {
    return Boolean(((this.operation.requestBody || {}).content || {})["multipart/form-data"]);
  }
  get isRaw() {
    return Boolean(((this.operation.requestBody || {}).content || {})["*/*"]);
  }

  sampleBody() {
    const needed = sample(this.json.schema, { all: this.all });
    const isBare = !this.all && !Object.keys(needed || {}).length;
    return pretty(
      isBare && this.operation.requestBody.required ? sample(this.json.schema) : needed,
    );
  }

  get path() {
    const query = new URLSearchParams();
    let path = this.operation.path;
    for (const one of this.operation.parameters || []) {
      const value = this.values[one.name];
      if (one.in === "path")
        path = path.replace(`{${one.name}}`, encodeURIComponent(value || `{${one.name}}`));
      if (one.in !== "query" || !value) continue;
      const isList = proper(resolve(one.schema)).schema.type === "array";
      for (const part of isList ? value.split(",") : [value]) query.append(one.name, part.trim());
    }
    return query.size ? `${path}?${query}` : path;
  }

  headers({ masked = false } = {}) {
    const found = [];
    const token = session.read("token");
    const mayBear = (this.operation.security || []).some((one) => "bearer" in one);
    const mustBear = mayBear && !this.operation.security.some((one) => !Object.keys(one).length);
    if (mayBear && (token || (masked && mustBear)))
      found.push(["Authorization", `Bearer ${masked ? "$TOKEN" : token}`]);
    for (const one of this.operation.parameters || []) {
      if (one.in !== "header") continue;
      const value = this.header(one.name);
      if (value) found.push([one.name, value]);
    }
    if (this.hasJson && this.body) found.push(["Content-Type", "application/json"]);
    return found;
  }

  header(name) {
    if (name === "Idempotency-Key") return this.key;
    if (name === "X-Cart-Token") return session.read("cart");
    return this.values[name] || "";
  }

  request() {
    return {
      verb: this.operation.verb.toUpperCase(),
      url: location.origin + this.path,
      body: this.body,
      headers: this.headers({ masked: true }),
      file: this.isUpload,
      isStream: Boolean(this.operation["x-souk-stream"]),
    };
  }
}
