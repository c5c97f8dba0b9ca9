// Nothing on the board depends on this file: it reads a page anew when the server says that something changed.
"use strict";

(() => {
  const main = document.querySelector("main");
  const part = document.querySelector("[data-live]");
  if (!part || !window.EventSource) return;

  let told = null;
  let isReading = false;

  // Whoever types, chooses or has opened something keeps the page as it is, and is told.
  const isBusy = () => {
    const active = document.activeElement;
    if (active && main.contains(active) && active.matches("input, textarea, select, summary")) return true;
    if (String(window.getSelection())) return true;
    return [...main.querySelectorAll("input, textarea, select")].some((one) =>
      one.type === "checkbox" || one.type === "radio" ? one.checked !== one.defaultChecked : one.tagName === "SELECT" ? [...one.options].some((option) => option.selected !== option.defaultSelected && !(one.selectedIndex === 0)) : one.value !== one.defaultValue,
    );
  };

  const tell = () => { document.querySelector("[data-live]").hidden = false; };

  const readAnew = async () => {
    if (isReading) return;
    if (isBusy()) { tell(); return; }
    isReading = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Read-Anew": "1" } });
      if (!answer.ok || answer.redirected) { tell(); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (!fresh || isBusy()) { tell(); return; }
      const opened = [...main.querySelectorAll("details")].map((one) => one.open);
      const focused = document.activeElement && main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      main.replaceChildren(...fresh.childNodes);
      const details = [...main.querySelectorAll("details")];
      if (details.length === opened.length) details.forEach((one, number) => { one.open = opened[number]; });
      if (focused) [...main.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus({ preventScroll: true });
    } catch (error) {
      tell();
    } finally {
      isReading = false;
    }
  };

  const source = new EventSource(part.dataset.live);
  source.addEventListener("message", (event) => {
    if (told !== null && event.data !== told) readAnew();
    told = event.data;
  });
})();
