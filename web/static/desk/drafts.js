// What is being typed is kept on the server a moment later, so that a restart or a closed tab loses nothing.
const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const WAIT = 800;
const AGAIN = 3000;
const PATIENCE = 15000;

const timers = new WeakMap();
const saving = new WeakMap();

async function send(form) {
  const fields = new FormData(form);
  fields.delete("csrf");
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "POST", body: new URLSearchParams(fields), signal: AbortSignal.timeout(PATIENCE),
      headers: { "x-csrf-token": token, accept: "application/json" },
    });
    form.dataset.saved = answer.ok ? "yes" : "no";
    return true;
  } catch {
    form.dataset.saved = "no";
    return false;
  }
}

// One after the other: an older one that arrives late would bring back what has been sent. Returns whether the server answered.
export function keep(form) {
  clearTimeout(timers.get(form));
  const next = (saving.get(form) ?? Promise.resolve()).then(() => send(form));
  saving.set(form, next);
  return next;
}

export function keepLater(form, wait = AGAIN) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(async () => {
    await keep(form);
    if (form.dataset.saved === "no" && !form.dataset.sending) keepLater(form);
  }, wait));
}

export function keepDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (form.dataset.draft) form.addEventListener("input", () => keepLater(form, WAIT));
  }
}
