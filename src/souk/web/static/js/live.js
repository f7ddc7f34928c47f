// An order's page follows what happens to it.
import { swap } from "./swap.js";

export function watch() {
  const place = document.querySelector("[data-live]");
  const source = new EventSource(place.dataset.live);
  let first = true;
  source.addEventListener("order", () => {
    if (!first) swap(location.href, {}, place.dataset.parts);
    first = false;
  });
  source.addEventListener("end", () => source.close());
  addEventListener("pagehide", () => source.close());
}
