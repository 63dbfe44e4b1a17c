// What is being typed is kept on the server a moment later, so that a restart or a closed tab loses nothing.
const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const WAIT = 800;

async function save(form) {
  const fields = new FormData(form);
  fields.delete("csrf");
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "POST", body: new URLSearchParams(fields), headers: { "x-csrf-token": token, accept: "application/json" },
    });
    form.dataset.saved = answer.ok ? "yes" : "no";
  } catch {
    form.dataset.saved = "no";
  }
  if (form.dataset.saved === "no") schedule(form, 3000);
}

const timers = new WeakMap();
function schedule(form, wait) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), wait));
}

export function keepDrafts() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (!form.dataset.draft) continue;
    form.addEventListener("input", () => schedule(form, WAIT));
    form.addEventListener("submit", () => clearTimeout(timers.get(form)));
  }
}
