// Nothing on any page depends on this file: it hides what is not asked, keeps drafts while somebody types,
// and says how much is left.
"use strict";

(() => {
  const form = document.querySelector("form[data-form]");
  if (!form) return;
  document.documentElement.classList.add("js");

  const isShown = (element) => !element.closest("[hidden]");

  const given = (inputs) =>
    inputs
      .filter((one) => isShown(one) && (one.type === "radio" || one.type === "checkbox" ? one.checked : true))
      .map((one) => (one.type === "file" ? (one.files.length ? "file" : "") : one.value.trim()))
      .filter((value) => value !== "");

  const named = (test) =>
    [...form.elements].filter((one) => one.name && one.type !== "hidden" && !one.disabled && test(one.name));

  // The same rules as on the server, which decides.
  const holds = (when) => {
    const [question, column] = [when.question, when.column];
    const values = given(
      column
        ? named((name) => name.startsWith(question + ".") && name.endsWith("." + column))
        : named((name) => name === question),
    );
    const same = (value, wanted) => value === (wanted === true ? "yes" : wanted === false ? "no" : wanted);
    if ("answered" in when) return values.length > 0 === when.answered;
    if ("any_of" in when) return values.some((value) => when.any_of.some((wanted) => same(value, wanted)));
    if ("at_most" in when) return values.some((value) => Number(value) <= when.at_most);
    const outside = values.map((value) => !when.none_of.some((wanted) => same(value, wanted)));
    return column ? outside.some(Boolean) : outside.length > 0 && outside.every(Boolean);
  };

  const conditional = [...form.querySelectorAll("[data-shown-when]")];
  const required = [...form.querySelectorAll("[data-required]")];
  const way = document.querySelector("[data-way]");
  const left = document.querySelector("[data-left]");

  const look = () => {
    // What is hidden does not count and is not sent; it stands there again when the question comes back.
    for (const one of conditional) {
      one.hidden = !holds(JSON.parse(one.dataset.shownWhen));
      for (const typed of one.querySelectorAll("input, textarea, select")) typed.disabled = one.hidden;
    }
    const isAsked = (one) => isShown(one) && (!one.dataset.required || holds(JSON.parse(one.dataset.required)));
    const asked = required.filter(isAsked);
    const open = asked.filter((one) => given([...one.querySelectorAll("input:not([type=hidden]), textarea, select")]).length === 0);
    if (way && asked.length) {
      way.hidden = false;
      way.max = asked.length;
      way.value = asked.length - open.length;
    }
    if (left && asked.length) {
      const words = open.length === 0 ? left.dataset.none : open.length === 1 ? left.dataset.one : left.dataset.many;
      const minutes = Math.max(1, Math.ceil((Number(left.dataset.minutes) * open.length) / asked.length));
      left.textContent = words.replace("{count}", String(open.length)).replace("{minutes}", String(minutes));
    }
  };

  // Drafts: kept a moment after the last letter. Nothing is sent before something was typed or chosen. What could not
  // be kept stands in the page and nowhere else: it is tried again, and nobody leaves the page without being asked.
  const saved = form.querySelector("[data-saved]");
  const keeps = "drafts" in form.dataset;
  let timer = 0;
  let flight = null;
  let isSending = false;
  let isLost = false; // something was typed that is kept nowhere else
  let hasFailed = false; // and keeping it did not work

  const keep = async () => {
    if (isSending) return;
    clearTimeout(timer);
    if (flight) flight.abort();
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    body.set("_action", "draft");
    const own = new AbortController();
    flight = own;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        keepalive: document.hidden,
        signal: own.signal,
      });
      if (answer.status >= 400 && answer.status < 500) {
        hasFailed = true;
        saved.textContent = saved.dataset.refused;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      if (flight === own) isLost = hasFailed = false;
      if (said.saved) saved.textContent = saved.dataset.done.replace("{clock}", said.saved);
    } catch (error) {
      if (isSending || flight !== own) return;
      hasFailed = true;
      saved.textContent = saved.dataset.failed;
      timer = setTimeout(keep, 15000);
    }
  };

  const later = () => {
    look();
    if (isSending) return;
    isLost = true;
    if (!keeps) return;
    clearTimeout(timer);
    timer = setTimeout(keep, 2500);
  };

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    if (saved && !navigator.onLine) {
      event.preventDefault(); // the browser's own page about it would take the place of what was typed
      saved.textContent = saved.dataset.waits;
      return;
    }
    isSending = true;
    clearTimeout(timer);
    if (flight) flight.abort();
  });
  window.addEventListener("online", () => { if (keeps && isLost) keep(); });
  // A phone that turns to another app may never come back to this page.
  document.addEventListener("visibilitychange", () => { if (document.hidden && keeps && isLost) keep(); });
  window.addEventListener("beforeunload", (event) => { if (isLost && hasFailed && !isSending) event.preventDefault(); });
  window.addEventListener("pageshow", () => { isSending = false; look(); });
  look();
})();
