// An order's page follows what happens to it; a checkout that is on its way asks until it is there.
import { swap } from "./swap.js";

const POLL_MS = 2000;

export function watch() {
  const place = document.querySelector("[data-live]");
  if (!place) return poll();
  const source = new EventSource(place.dataset.live);
  let first = true;
  source.addEventListener("order", () => {
    if (!first) swap(location.href, {}, place.dataset.parts);
    first = false;
  });
  source.addEventListener("end", () => source.close());
  addEventListener("pagehide", () => source.close());
}

async function poll() {
  const place = document.querySelector("[data-poll]");
  if (!place) return;
  await new Promise((done) => setTimeout(done, POLL_MS));
  if (!document.hidden) await swap(location.href, {}, place.dataset.poll);
  poll();
}
