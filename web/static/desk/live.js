// When a case moves, the parts of the page that show it are fetched anew; forms stay as they are typed.
const SETTLE = 400;
let timer;

async function refresh(asked) {
  let answer;
  try {
    answer = await fetch(location.href.split("#")[0], { headers: { accept: "text/html" } });
  } catch {
    return;
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!other || part.contains(document.activeElement) || other.innerHTML === part.innerHTML) continue;
    part.innerHTML = other.innerHTML;
  }
  const news = document.querySelector("#live-news");
  if (news && asked) news.hidden = false;
}

export function listen() {
  const source = document.querySelector("[data-events]");
  if (!source || document.querySelector("[role=alert]")) return;
  const reference = source.dataset.reference;
  let first = true;
  const events = new EventSource(source.dataset.events);
  const later = (asked) => {
    clearTimeout(timer);
    timer = setTimeout(() => refresh(asked), SETTLE);
  };
  events.addEventListener("case", (event) => {
    if (!reference || JSON.parse(event.data).reference === reference) later(true);
  });
  events.addEventListener("resync", () => {
    if (!first) later(false);
    first = false;
  });
  events.addEventListener("open", () => { document.documentElement.dataset.live = "yes"; });
}
