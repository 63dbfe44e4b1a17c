// What makes the desk's pages lively. Every page works without it.
import { countDown } from "./clocks.js";
import { keepDrafts } from "./drafts.js";
import { listen } from "./live.js";
import { sendOnce } from "./sending.js";
import { lookForSimilar } from "./similar.js";

countDown();
keepDrafts();
listen();
sendOnce();
lookForSimilar();

const insert = document.querySelector("[data-insert]");
insert?.addEventListener("click", (event) => {
  const chosen = document.querySelector("#template").selectedOptions[0];
  if (!chosen?.dataset.text) return;
  event.preventDefault();
  const box = document.querySelector("#answer-text");
  box.value = `${box.value.trimEnd()}\n\n${chosen.dataset.text}`.trim();
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});

// A link to a form that stands folded together opens it.
function unfold() {
  const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const folded = place && place.closest("details");
  if (!folded) return;
  folded.open = true;
  folded.scrollIntoView({ block: "center" });
  place.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
}
addEventListener("hashchange", unfold);
unfold();

document.querySelector("[aria-invalid=true], [role=alert]")?.scrollIntoView({ block: "center" });
