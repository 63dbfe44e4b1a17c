// While a complaint is entered, open ones that may be the same are shown beside it.
export function lookForSimilar() {
  const form = document.querySelector("form[data-similar]");
  const place = document.querySelector("#similar");
  if (!form || !place) return;
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        const answer = await fetch(form.dataset.similar, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "text/html" } });
        if (answer.ok) place.innerHTML = await answer.text();
      } catch { /* the form works without it */ }
    }, 500);
  });
}
