// Reloads a page when its site was published anew, and shows the site's problems on top of it.
(() => {
  "use strict";

  const shown = document.currentScript.dataset.generation;
  const STYLE = `
    :host { all: initial; color-scheme: light dark; }
    .panel {
      --ink: #1d1d1f; --paper: #fff; --soft: #f2f2f4; --faint: #5c5c66; --mark: #8a5a00;
      position: fixed; inset: auto 0 0 0; z-index: 2147483647; box-sizing: border-box;
      max-height: 70vh; overflow: auto; padding: 1rem clamp(1rem, 4vw, 2.5rem) 1.5rem;
      border-top: 4px solid var(--mark); background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, sans-serif; box-shadow: 0 -8px 32px rgb(0 0 0 / 25%);
    }
    .panel.error { --mark: #b3261e; }
    .bar { display: flex; gap: 1rem; align-items: center; justify-content: space-between; }
    .title { margin: 0; font-size: 1.125rem; color: var(--mark); }
    .close {
      padding: .375rem .875rem; border: 1px solid currentcolor; border-radius: .375rem;
      background: none; color: inherit; font: inherit; cursor: pointer;
    }
    .list { margin: 0; padding: 0; list-style: none; }
    .problem { margin-top: 1.25rem; }
    .what { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
    .place { margin: .125rem 0 0; color: var(--faint); font: .875rem/1.5 ui-monospace, monospace; }
    .excerpt {
      margin: .5rem 0 0; padding: .625rem .875rem; overflow-x: auto; border-radius: .375rem;
      background: var(--soft); font: .875rem/1.5 ui-monospace, monospace;
    }
    .way-out { margin: .5rem 0 0; }
    .way-out::before { content: "→ "; color: var(--mark); }
    @media (prefers-color-scheme: dark) {
      .panel {
        --ink: #ececf0; --paper: #1b1b1f; --soft: #2a2a30; --faint: #a5a5b0; --mark: #ffb951;
      }
      .panel.error { --mark: #ff8a80; }
    }
  `;
  const scrollKey = "littoral-scroll:" + location.pathname;
  let overlay = null;
  let dismissed = "";

  restoreScroll();
  // The browser opens the stream again by itself, after a restart too.
  const events = new EventSource("/__littoral/events");
  events.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (news.generation === shown) {
      show(news.problems);
    } else {
      reload();
    }
  };
  addEventListener("pagehide", () => events.close());
  // A page that comes back out of the back-forward cache has lost its stream.
  addEventListener("pageshow", (event) => event.persisted && reload());
  addEventListener("keydown", (event) => event.key === "Escape" && dismiss());

  function reload() {
    events.close();
    sessionStorage.setItem(scrollKey, String(scrollY));
    location.reload();
  }

  function restoreScroll() {
    const y = sessionStorage.getItem(scrollKey);
    sessionStorage.removeItem(scrollKey);
    if (y !== null) {
      const restore = () => scrollTo({ top: Number(y), behavior: "instant" });
      restore();
      addEventListener("load", restore, { once: true });
    }
  }

  function show(problems) {
    const key = JSON.stringify(problems);
    overlay?.remove();
    overlay = null;
    if (problems.length === 0) {
      dismissed = "";
    } else if (key !== dismissed) {
      overlay = build(problems, key);
      document.body.append(overlay);
    }
  }

  function dismiss() {
    if (overlay) {
      dismissed = overlay.dataset.key;
      overlay.remove();
      overlay = null;
    }
  }

  // A shadow root, so that the site's styles and these leave each other alone.
  function build(problems, key) {
    const host = document.createElement("littoral-problems");
    host.dataset.key = key;
    const root = host.attachShadow({ mode: "open" });
    const errors = problems.filter((problem) => problem.severity === "error").length;
    const panel = element("section", "panel" + (errors ? " error" : ""));
    panel.setAttribute("role", "alert");

    const title = errors
      ? `${count(errors, "error")}: this is the last good version`
      : count(problems.length, "warning");
    const close = element("button", "close", "Dismiss");
    close.type = "button";
    close.addEventListener("click", dismiss);
    const bar = element("header", "bar");
    bar.append(element("h2", "title", title), close);

    const list = element("ol", "list");
    list.append(...problems.map(item));
    panel.append(bar, list);
    root.append(element("style", "", STYLE), panel);
    return host;
  }

  function item(problem) {
    const item = element("li", "problem " + problem.severity);
    item.append(element("p", "what", `${problem.severity}: ${problem.what}`));
    if (problem.file) {
      const place = [problem.file, problem.line, problem.column].filter((part) => part != null);
      item.append(element("p", "place", place.join(":")));
    }
    if (problem.excerpt) {
      const excerpt = element("pre", "excerpt", problem.excerpt);
      if (problem.column) {
        excerpt.textContent += "\n" + " ".repeat(problem.column - 1) + "^";
      }
      excerpt.tabIndex = 0;
      item.append(excerpt);
    }
    for (const line of [problem.note, problem.wayOut]) {
      if (line) {
        item.append(element("p", "way-out", line));
      }
    }
    return item;
  }

  function element(name, classes, text) {
    const made = document.createElement(name);
    made.className = classes;
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  function count(number, noun) {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
  }
})();
