// The same request in several languages, coloured.

const pretty = (value) => JSON.stringify(value, null, 2);

/** JSON with its parts coloured. */
function lit(text) {
  const parts = text.split(
    /("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)/,
  );
  return parts.map((part, index) => {
    if (index % 2 === 0) return part;
    const kind = part.startsWith('"')
      ? part.endsWith(":")
        ? "key"
        : "text"
      : /^[tfn]/.test(part)
        ? "word"
        : "number";
    if (kind === "key") return [h("span", { class: "lit-key" }, part.slice(0, -1).trimEnd()), ":"];
    return h("span", { class: `lit-${kind}` }, part);
  });
}

function codeBlock(content, text) {
  const code = h("code", {}, content);
  return h("div", { class: "code" }, h("pre", { tabindex: "0" }, copyButton(text), code));
}

const quoted = (text) => `'${String(text).replace(/'/g, "'\\''")}'`;

function asCurl({ verb, url, headers, body, file, isStream }) {
  const isPlain = verb === "GET" || (verb === "POST" && (body || file));
  const method = isPlain ? "" : `-X ${verb} `; // curl posts by itself when it is given data
  const lines = [`curl ${isStream ? "-N " : ""}${method}${quoted(url)}`];
  for (const [name, value] of headers) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (file) lines.push("-F 'file=@products.csv'");
  else if (body) lines.push(`-d ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

const indented = (text, by) => text.split("\n").join(`\n${" ".repeat(by)}`);

/** Headers as an object of JavaScript or a dictionary of Python, which look the same. */
function pairsOf(headers, by) {
  const space = " ".repeat(by);
  const lines = headers.map(
    (pair) => `${space}  ${pair.map((one) => JSON.stringify(one)).join(": ")},`,
  );
  return `{\n${lines.join("\n")}\n${space}}`;
}

function asJavaScript({ verb, url, headers, body, file, isStream }) {
  if (isStream) {
    const address = JSON.stringify(url.replace(/^http/, "ws"));
    return [
      `const socket = new WebSocket(${address}, [`,
      '  "bearer",',
      "  token,",
      "]);",
      "socket.onmessage = ({ data }) => console.log(JSON.parse(data));",
    ].join("\n");
  }
  const options = [];
  const sent = headers.filter(([name]) => !file || name !== "Content-Type");
  if (verb !== "GET") options.push(`  method: "${verb}",`);
  if (sent.length) options.push(`  headers: ${pairsOf(sent, 2)},`);
  if (file) options.push("  body: form, // a FormData with the part `file`");
  else if (body) options.push(`  body: JSON.stringify(${indented(body, 2)}),`);
  const rest = options.length ? `, {\n${options.join("\n")}\n}` : "";
  return [
    `const answer = await fetch(${JSON.stringify(url)}${rest});`,
    "console.log(answer.status, await answer.json());",
  ].join("\n");
}

function asPython({ verb, url, headers, body, file, isStream }) {
  const given = [JSON.stringify(url)];
  const sent = headers.filter(([name]) => name !== "Content-Type");
  if (sent.length) given.push(`headers=${pairsOf(sent, 4)}`);
  if (file) given.push('files={"file": open("products.csv", "rb")}');
  else if (body) given.push(`json=${indented(pythonic(body), 4)}`);
  const call = isStream ? 'stream("GET", ' : `${verb.toLowerCase()}(`;
  const request = `httpx.${call}\n    ${given.join(",\n    ")},\n)`;
  const rest = isStream
    ? [`with ${request} as answer:`, "    for line in answer.iter_lines():", "        print(line)"]
    : [`answer = ${request}`, "print(answer.status_code, answer.json())"];
  return ["import httpx", "", ...rest].join("\n");
}

/** JSON in Python's words; what stands in quotes stays. */
function pythonic(json) {
  const words = { true: "True", false: "False", null: "None" };
  return json.replace(
    /"(?:[^"\\]|\\.)*"|\b(true|false|null)\b/g,
    (all, word) => words[word] || all,
  );
}
