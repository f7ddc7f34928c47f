// Makes pages lively; every one of them works without.
import { swaps } from "./swap.js";
import { enliven } from "./lively.js";

swaps();
enliven(document);
document.addEventListener("souk:swapped", (event) => enliven(event.target));
document.querySelector("[data-focus]")?.focus();

if (document.querySelector("[data-live], [data-poll]")) import("./live.js").then((live) => live.watch());
if (document.querySelector("[data-passkey]")) import("./passkeys.js");
if (document.querySelector("[data-desk]")) import("./desk.js");
if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
