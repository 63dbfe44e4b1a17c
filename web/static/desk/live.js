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

// Lost, the stream is opened again after a while that doubles each time, and differs from page to page: hundreds of them
// shall not all come at once to a server that has just started.
const FIRST = 2000;
const LONGEST = 60000;

export function listen() {
  const source = document.querySelector("[data-events]");
  if (!source || document.querySelector("[role=alert]")) return;
  const reference = source.dataset.reference;
  const page = document.documentElement.dataset;
  let wait = FIRST;
  let missed = false; // whether something may have happened while nobody listened
  let again;
  let events;
  const later = (asked) => {
    clearTimeout(timer);
    timer = setTimeout(() => refresh(asked), SETTLE);
  };

  function open() {
    clearTimeout(again);
    events?.close();
    events = new EventSource(source.dataset.events);
    let first = true;
    events.addEventListener("case", (event) => {
      if (!reference || JSON.parse(event.data).reference === reference) later(true);
    });
    events.addEventListener("resync", () => {
      if (!first) later(false);
      first = false;
    });
    events.addEventListener("open", () => {
      wait = FIRST;
      page.live = "yes";
      if (missed) later(false);
      missed = true;
    });
    events.addEventListener("error", () => {
      events.close();
      page.live = "no";
      page.liveAgain = String(Math.round(wait * (0.5 + Math.random() / 2)));
      again = setTimeout(open, Number(page.liveAgain));
      wait = Math.min(wait * 2, LONGEST);
    });
  }

  open();
  addEventListener("online", () => {
    if (page.live === "no") open();
  });
}
