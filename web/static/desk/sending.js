// A form goes out once, however often its button is pressed, and only when the server answers: else it stays as it is.
import { keep, keepLater } from "./drafts.js";

const PATIENCE = 15000;
const RELEASE = 20000; // whoever stopped the page from loading may send again; the same key is the same command

async function answers(form) {
  if (form.dataset.draft) return keep(form); // what is typed is safe before it is sent
  try {
    await fetch("/health/live", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  }
}

function stays(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
  const said = document.querySelector("#not-sent");
  if (said) {
    form.append(said);
    said.hidden = false;
    said.scrollIntoView({ block: "nearest" });
  }
  if (form.dataset.draft) keepLater(form);
}

async function sent(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("main")) return;
  if (form.dataset.sending === "ready") {
    form.dataset.sending = "sent";
    setTimeout(() => { delete form.dataset.sending; form.removeAttribute("aria-busy"); }, RELEASE);
    return;
  }
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "asking";
  form.setAttribute("aria-busy", "true");
  if (!(await answers(form))) {
    stays(form);
    return;
  }
  form.dataset.sending = "ready";
  form.requestSubmit(event.submitter);
}

export function sendOnce() {
  addEventListener("submit", sent);
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
  });
}
