/*
 * Speaks with the page around a frame: how high the text is, and where a link leads.
 *
 * To every page: {message: "countersign:height", value: pixels}. To WordPress, which
 * names a secret in the fragment of the address, what it knows: {message: "height" or
 * "link", value, secret}. It shows us in a sandbox in which no link works by itself.
 */
(() => {
  "use strict";

  if (window.parent === window) return;

  let told = 0;

  // WordPress may add it after the page was loaded.
  const secret = () => /[#?&]secret=([A-Za-z0-9]+)/.exec(location.hash)?.[1];

  const say = (message, value) => {
    if (secret()) window.parent.postMessage({ message, value, secret: secret() }, "*");
  };

  const tell = () => {
    told = Math.ceil(document.documentElement.getBoundingClientRect().height);
    window.parent.postMessage({ message: "countersign:height", value: told }, "*");
    say("height", told);
  };

  const follow = (event) => {
    const link = event.target.closest?.("a[href]");
    const aside = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!link || aside || !secret() || window.origin !== "null") return;
    event.preventDefault();
    // WordPress goes nowhere but to our own site: there the same link works.
    const ours = new URL(link.href).host === location.host;
    say("link", ours ? link.href : document.querySelector("link[rel=canonical]").href);
  };

  new ResizeObserver(tell).observe(document.documentElement);
  window.addEventListener("load", tell);
  window.addEventListener("hashchange", tell);
  window.addEventListener("message", (event) => {
    // Asked by WordPress when its own script came later than we.
    if (event.source === window.parent && event.data?.message === "ready") tell();
  });
  document.addEventListener("click", follow);
})();
