// Links and forms with data-swap="#one #two" fetch their page and take over those parts of it.
// Whatever the answer holds in #toasts is said, and #cart-count always follows.

const ALWAYS = ["#cart-count", "#notes"];
let latest = 0;
export const waiting = new WeakMap(); // forms that are about to send themselves

export function swaps() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    swap(link.href, {}, link.dataset.swap, { keep: true, from: { link } });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  addEventListener("popstate", () => location.reload());
}

// A form may hold fields named "action" or "method", which hide its properties of these names.
export function send(form, submitter = null) {
  clearTimeout(waiting.get(form));
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const url = new URL(submitter?.getAttribute("formaction") || form.getAttribute("action"), location.href);
  const parts = form.dataset.swap;
  const from = { form, submitter, data };
  if (form.getAttribute("method") !== "post") {
    url.search = new URLSearchParams([...data].filter(([, value]) => value !== ""));
    return swap(url.href, {}, parts, { keep: true, from });
  }
  const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  return swap(url.href, { method: "POST", body }, parts, { from });
}

// `keep` puts the address into the history.
export async function swap(url, request, parts, { keep = false, from = null } = {}) {
  const turn = ++latest;
  const busy = from?.form ?? document.querySelector(parts.split(" ")[0]);
  busy?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { ...request, headers: { "X-Souk-Swap": "1" } });
    const elsewhere = answer.headers.get("X-Souk-Go");
    if (elsewhere) return location.assign(elsewhere);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest && !request.method) return;
    const wanted = parts.split(" ").filter((part) => page.querySelector(part));
    if (!wanted.length && !page.querySelector("#toasts > *")) {
      if (!page.querySelector("#main")) throw new Error("no page of ours");
      wanted.push("#main"); // another page than the one that was asked for: it says why
      scrollTo(0, 0);
    }
    const focused = document.activeElement?.id || "";
    for (const part of new Set([...wanted, ...ALWAYS])) replace(part, page, from?.data);
    toast(page);
    if (keep) history.pushState({}, "", answer.url);
    if (page.title) document.title = page.title;
    const place = document.querySelector("[data-focus]") ?? document.getElementById(focused);
    if (place && document.activeElement !== place) place.focus({ preventScroll: !place.hasAttribute("data-focus") });
    if (from?.link?.closest(".pages")) document.querySelector(parts.split(" ")[0])?.scrollIntoView();
  } catch {
    // Whatever it was, the browser itself knows best how to show it.
    if (!request.method) return location.assign(url);
    delete from.form.dataset.swap;
    from.form.requestSubmit(from.submitter);
  } finally {
    busy?.removeAttribute("aria-busy");
  }
}

function replace(part, page, sent) {
  const now = document.querySelector(part);
  const next = page.querySelector(part);
  if (!now || !next) return;
  if (sent) keepTyped(now, next, sent);
  const open = new Set([...now.querySelectorAll("details[open][id]")].map((each) => each.id));
  now.replaceWith(next);
  for (const id of open) next.querySelector("#" + CSS.escape(id))?.setAttribute("open", "");
  next.dispatchEvent(new CustomEvent("souk:swapped", { bubbles: true }));
}

// What was typed on while the answer was on its way stays.
function keepTyped(now, next, sent) {
  for (const field of now.querySelectorAll("input[id], select[id], textarea[id]")) {
    if (["checkbox", "radio"].includes(field.type) || sent.get(field.name) === field.value) continue;
    const anew = next.querySelector("#" + CSS.escape(field.id));
    if (sent.has(field.name) && anew) anew.value = field.value;
  }
}

function toast(page) {
  const place = document.getElementById("toasts");
  for (const each of page.querySelectorAll("#toasts > .toast")) {
    place.replaceChildren(each);
    each.querySelector("button")?.addEventListener("click", () => each.remove());
    setTimeout(() => each.matches(":hover, :focus-within") || each.remove(), 8000);
  }
}
