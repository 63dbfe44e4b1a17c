// When a case moves, the parts of the page that show it are fetched anew; forms stay as they are typed.
//
// Hundreds of open pages hear of the same change. What concerns its reader is looked at at once; the lists in which it
// stands come one after the other, and each of them only now and then: else every change would be hundreds of pages,
// asked for in the same moment.
const SOON = 400; // ms: the changes of one moment are fetched together
const SPREAD = 10000; // ms over which the lists come
const BETWEEN = 20000; // ms between two looks of a list at what others do
let timer;
let due = Infinity; // when the page looks again
let looked = 0;
let told = false; // whether what is new is to be pointed out
let hidden = false; // whether something happened while nobody saw the page

function look(wait, asked) {
  told ||= asked;
  if (Date.now() + wait >= due) return; // it looks before that, and will see this too
  due = Date.now() + wait;
  clearTimeout(timer);
  timer = setTimeout(() => {
    due = Infinity;
    hidden = document.hidden;
    if (hidden) return;
    looked = Date.now();
    refresh(told);
    told = false;
  }, wait);
}

// Once a look is planned, whatever else happens until then is seen with it: the lists stay spread.
function lookInTurn(asked) {
  told ||= asked;
  if (due === Infinity) look(Math.max(looked + BETWEEN - Date.now(), 0) + SOON + Math.random() * SPREAD, asked);
}

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
  function open() {
    clearTimeout(again);
    events?.close();
    events = new EventSource(source.dataset.events);
    let hears = false; // the server's first word is that it listens itself: from then on nothing passes unheard
    events.addEventListener("case", (event) => {
      const moved = JSON.parse(event.data);
      if (reference ? moved.reference === reference : moved.mine) look(SOON, true);
      else if (!reference) lookInTurn(true);
    });
    events.addEventListener("resync", () => {
      if (hears) {
        lookInTurn(false);
        return;
      }
      hears = true;
      wait = FIRST;
      page.live = "yes";
      if (missed) look(SOON, false);
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
  document.addEventListener("visibilitychange", () => {
    if (hidden && !document.hidden) look(SOON, false);
  });
  addEventListener("online", () => {
    if (page.live === "no") open();
  });
}
