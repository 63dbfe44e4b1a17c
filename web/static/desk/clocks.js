// Clocks that count down: the server has said how much is left, we keep it true.
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const language = document.documentElement.lang;

function span(seconds) {
  let rest = Math.max(Math.floor(seconds), 0);
  const fine = rest < 600;
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count && (unit !== "second" || fine)) {
      parts.push(new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(count));
    }
  }
  return parts.slice(0, 2).join(" ") || new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "short" }).format(0);
}

function tick() {
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    const left = (new Date(clock.dateTime) - Date.now()) / 1000;
    const text = (left < 0 ? clock.dataset.late : clock.dataset.left).replace("{span}", span(Math.abs(left)));
    if (clock.textContent !== text) clock.textContent = text;
    if (left < 0) clock.classList.add("is-late");
  }
}

export function countDown() {
  setInterval(tick, 1000);
}
