// Sending a request and showing what comes back.

/** What an answer teaches the session: the token of whoever signed in, the cart of a guest. */
function learn(operation, body) {
  if (body && body.access_token) {
    session.keep("token", body.access_token);
    toast("Signed in: the token is kept for this tab");
  } else if (body && body.token && operation.tags[0] === "carts") session.keep("cart", body.token);
}

async function send(draft, place, button) {
  const { operation } = draft;
  if (operation["x-souk-stream"]) return watch(draft, place, button);
  const options = {
    method: operation.verb.toUpperCase(),
    headers: Object.fromEntries(draft.headers()),
  };
  if (draft.isUpload) {
    options.body = new FormData();
    if (draft.file) options.body.append("file", draft.file);
  } else if ((draft.hasJson || draft.isRaw) && draft.body) options.body = draft.body;
  button.disabled = true;
  const began = performance.now();
  try {
    const answer = await fetch(draft.path, options);
    const text = await answer.text();
    showAnswer(place, answer, text, performance.now() - began, operation);
  } catch (error) {
    place.replaceChildren(
      h("p", { class: "answer-fail" }, `The server cannot be reached: ${error.message}`),
    );
  } finally {
    button.disabled = false;
  }
  return undefined;
}

function showAnswer(place, answer, text, ms, operation) {
  const kind = answer.headers.get("content-type") || "";
  let content = text;
  if (kind.includes("json") && text) {
    const body = JSON.parse(text);
    if (answer.ok) learn(operation, body);
    content = lit(pretty(body));
    text = pretty(body);
  }
  const headers = [...answer.headers].map(([name, value]) =>
    h("div", {}, h("span", { class: "lit-key" }, name), `: ${value}`),
  );
  place.replaceChildren(
    h(
      "div",
      { class: "answer-line" },
      statusBadge(answer.status),
      h("span", {}, `${ms.toFixed(0)} ms`),
      h("span", {}, `${new Blob([text]).size.toLocaleString("en")} bytes`),
    ),
    text ? codeBlock(content, text) : h("p", { class: "quiet" }, "No body."),
    h(
      "details",
      { class: "answer-headers" },
      h("summary", {}, icon("chevron"), "Headers"),
      h("div", { class: "mono" }, headers),
    ),
  );
}

/** Reads a stream of events by fetch, since EventSource cannot send a token. */
async function watch(draft, place, button) {
  const stop = new AbortController();
  const list = h("div", { class: "events", role: "log" });
  place.replaceChildren(list);
  const label = [...button.childNodes];
  button.replaceChildren(icon("stop"), "Stop");
  button.onclick = () => stop.abort();
  const tell = (text, kind = "") =>
    list.prepend(h("div", { class: `event ${kind}` }, kind === "event-note" ? text : lit(text)));
  try {
    const headers = { ...Object.fromEntries(draft.headers()), Accept: "text/event-stream" };
    const answer = await fetch(draft.path, { headers, signal: stop.signal });
    if (!answer.ok) return showAnswer(place, answer, await answer.text(), 0, draft.operation);
    tell("Listening …", "event-note");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) break;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      const told = events.filter((one) => one.includes("data: ") && !one.startsWith("event: end"));
      for (const one of told) tell(one.split("data: ")[1]);
    }
    tell("The stream has ended.", "event-note");
  } catch (error) {
    if (error.name !== "AbortError") tell(error.message, "event-note");
  } finally {
    button.replaceChildren(...label);
    button.onclick = () => send(draft, place, button);
  }
  return undefined;
}
