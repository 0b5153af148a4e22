/*
 * Countersign elements: texts that parent carer forums signed, on any website.
 *
 *   <countersign-item content-id="…"><a href="…">Read this text</a></countersign-item>
 *   <countersign-list kind="news" area="…" topic="…" limit="5"><a href="…">…</a></countersign-list>
 *
 * Attributes of both: heading (2 to 6), accent, text-color, background (CSS colours),
 * refresh (minutes, 1 to 1440), origin (where the texts come from, if not from where this
 * file does). What stands inside is the way out: it is shown until the text is there, and
 * again when the text cannot be had.
 *
 * Copyright (c) 2026, Countersign contributors. BSD 3-Clause License.
 */
(() => {
  "use strict";

  // Another copy of this file came first.
  if (customElements.get("countersign-item")) return;

  const MINUTE = 60_000;
  const DAY = 24 * 60 * MINUTE;
  // For how long one answer is enough for all that show it.
  const FRESH = MINUTE;
  const PATIENCE = 20_000;
  const REFRESH = 15;
  const SHEETS = "adoptedStyleSheets" in Document.prototype;
  const UNAVAILABLE = '<article class="countersign" lang="en"><p>This text is not available.</p></article>';
  const CHANGED = "This text changed while you had this page open.";
  const SLUG = /^[\w-]+$/;
  const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

  const OURS = (() => {
    const script = document.currentScript ?? document.querySelector('script[src*="/embed/countersign"]');
    return script?.src ? new URL(script.src).origin : "";
  })();

  const warn = (who, words) => console.warn(`${who.localName ?? who}: ${words}`);

  // Where a page demands Trusted Types and does not allow a policy with this name, nothing
  // is defined and every way out stands.
  let policy;
  try {
    policy = globalThis.trustedTypes?.createPolicy("countersign", { createHTML: (html) => html });
  } catch {
    warn("countersign", "the page's Content-Security-Policy needs “trusted-types countersign”");
    return;
  }

  // ------------------------------------------------------------------ cleaning

  // Our server sends nothing else. Should anything else ever come, it goes no further.
  const ELEMENTS = new Set(
    ("a abbr address article aside b blockquote br caption cite code col colgroup dd del details div dl dt em " +
      "figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins li ol p q s section small span strong " +
      "sub summary sup table tbody td tfoot th thead time tr ul").split(" "),
  );
  // Of any other element the words are kept; of these not even the words.
  const DROPPED =
    "script,style,template,iframe,frame,frameset,object,embed,applet,svg,math,form,input,button,select,textarea," +
    "option,audio,video,canvas,noscript,noembed,noframes,xmp,plaintext,head,title,meta,link,base,slot,portal" +
    // Where no rule could keep it from being printed.
    (SHEETS ? "" : ",.not-in-print");
  const ATTRIBUTES = {
    "": "lang dir title aria-label",
    a: "href hreflang rel",
    article: "data-state data-content-id data-version",
    img: "src alt width height",
    li: "value",
    ol: "start type reversed",
    td: "colspan rowspan",
    th: "colspan rowspan scope abbr",
    time: "datetime",
  };
  const allowed = (element, name) =>
    `${ATTRIBUTES[""]} ${ATTRIBUTES[element] ?? ""}`.split(" ").includes(name);
  const WEB = ["https:", "http:"];
  const LINKS = [...WEB, "mailto:", "tel:"];

  /** A web address in full where it may be followed, else null. */
  const absolute = (value, base, schemes) => {
    try {
      const url = new URL(value, base);
      return schemes.includes(url.protocol) ? url.href : null;
    } catch {
      return null;
    }
  };

  /** A copy of an element made of nothing but what is allowed. */
  const copy = (from, origin) => {
    const to = document.createElement(from.localName);
    for (let { name, value } of from.attributes) {
      if (name === "class") {
        // Nothing of ours may be taken for one of the page's own. So there are no ids either.
        value = value.split(/\s+/).filter((one) => /^(countersign|(not-in|only-in)-print$)/.test(one)).join(" ");
        if (value) to.className = value;
        continue;
      }
      if (!allowed(from.localName, name)) continue;
      if (name === "href") value = absolute(value, origin, LINKS);
      if (name === "src") {
        value = absolute(value, origin, WEB);
        // An image of anybody else would tell them who reads.
        if (value && new URL(value).origin !== origin) value = null;
        to.loading = "lazy";
      }
      if (value !== null) to.setAttribute(name, value);
    }
    if (from.localName === "a" || from.localName === "img") to.referrerPolicy = "strict-origin-when-cross-origin";
    fill(to, from, origin);
    return to;
  };

  const fill = (to, from, origin) => {
    for (const child of from.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
      else if (child.nodeType !== Node.ELEMENT_NODE || child.matches(DROPPED)) continue;
      else if (ELEMENTS.has(child.localName)) to.append(copy(child, origin));
      else fill(to, child, origin);
    }
  };

  /** The article in a page's HTML, not yet cleaned, in a document that runs nothing. */
  const article = (html) =>
    new DOMParser()
      .parseFromString(policy ? policy.createHTML(html) : html, "text/html")
      .querySelector("article.countersign");

  // ------------------------------------------------------------------ asking

  const sources = new Map();

  /** What one address answers, for every element that shows it. */
  class Source {
    readers = new Set();
    html = "";
    article = null;
    // When it was last known to be so, and when that was last asked.
    confirmed = 0;
    tried = 0;
    failed = false;
    asking = false;

    constructor(address) {
      this.address = address;
      this.origin = new URL(address).origin;
    }

    static join(address, reader) {
      const source = sources.get(address) ?? new Source(address);
      sources.set(address, source);
      source.readers.add(reader);
      if (Date.now() - source.tried >= FRESH) source.ask();
      return source;
    }

    leave(reader) {
      this.readers.delete(reader);
      if (!this.readers.size) sources.delete(this.address);
    }

    get due() {
      return Date.now() - this.tried >= Math.min(...[...this.readers].map((one) => one.refresh)) * MINUTE;
    }

    get usable() {
      return this.article && Date.now() - this.confirmed < DAY;
    }

    async ask() {
      if (this.asking) return;
      this.asking = true;
      this.tried = Date.now();
      try {
        this.take(await this.fetch());
        this.failed = false;
      } catch (problem) {
        this.failed = true;
        warn("countersign", `${this.address}: ${problem.message}`);
      }
      this.asking = false;
      // The way out may not have been read to its end yet.
      await parsed;
      for (const reader of this.readers) reader.show();
    }

    async fetch() {
      const answer = await fetch(this.address, {
        // What the browser has is shown if our server says that it is still so.
        cache: "no-cache",
        credentials: "omit",
        referrerPolicy: "strict-origin-when-cross-origin",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const html = await answer.text();
      if (new URL(answer.url).origin !== this.origin) throw new Error("it leads to somebody else");
      if (answer.ok) return html;
      // What was withdrawn or never was: an answer, and no failure.
      if (answer.status === 404 || answer.status === 410) return article(html) ? html : UNAVAILABLE;
      throw new Error(`${answer.status} ${html.slice(0, 200)}`);
    }

    take(html) {
      const found = html === this.html ? this.article : article(html);
      if (!found) throw new Error("the answer holds no text of ours");
      this.html = html;
      this.article = found;
      this.confirmed = Date.now();
    }
  }

  const parsed =
    document.readyState === "loading"
      ? new Promise((done) => document.addEventListener("DOMContentLoaded", done, { once: true }))
      : Promise.resolve();

  const ask = (wanted) => {
    if (document.hidden) return;
    for (const source of sources.values()) if (wanted(source)) source.ask();
  };
  setInterval(ask, MINUTE, (source) => source.due);
  document.addEventListener("visibilitychange", () => ask((source) => source.due));
  addEventListener("online", () => ask((source) => source.failed));
  // A page that the browser had put aside, as it was then.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const source of sources.values()) source.tried = 0;
    ask((source) => source.due);
  });

  // ------------------------------------------------------------------ looks

  // Rules made by script are no inline styles: a page's style-src holds. All of it counts
  // less than anything the page says itself, but for colours that the page asked for and
  // what may not be printed.
  const sheet = SHEETS ? new CSSStyleSheet() : null;
  sheet?.replaceSync(`
    :where(countersign-item, countersign-list, .countersign) { display: block; overflow-wrap: break-word; }
    :where(.countersign img) { max-width: 100%; height: auto; }
    :where(.countersign-changed) { border: 1px solid; padding: .5em; }
    :where(.countersign-changed:empty) { display: none; }
    @media print { .countersign .not-in-print { display: none !important; } }
    @media not print { .countersign .only-in-print { display: none !important; } }
  `);

  const adopt = (root) => {
    if (sheet && root.adoptedStyleSheets && !root.adoptedStyleSheets.includes(sheet)) {
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    }
  };

  const COLOURS = ["text-color", "background", "accent"];
  const looks = new Map();

  /** The class that gives an article the colours that its element asks for; "" for none. */
  const look = (element) => {
    const colours = COLOURS.map((name) => {
      const value = element.getAttribute(name)?.trim() ?? "";
      if (!value || CSS.supports("color", value)) return value;
      warn(element, `${name}="${value}" is no colour. Write one like “#005ea5”.`);
      return "";
    });
    const key = colours.join("|");
    if (!sheet || key === "||") return "";
    if (!looks.has(key)) {
      const name = `countersign-look-${looks.size + 1}`;
      const [text, background, accent] = colours;
      rule(`.countersign.${name}`, { color: text, "background-color": background });
      if (background) rule(`.countersign.${name}`, { padding: "1em" });
      if (text) rule(`.countersign.${name} :not(a, a *)`, { color: "inherit" });
      if (accent) rule(`.countersign.${name} a`, { color: accent, "text-decoration-color": accent });
      looks.set(key, name);
    }
    return looks.get(key);
  };

  const rule = (selector, values) => {
    const { style } = sheet.cssRules[sheet.insertRule(`${selector} {}`, sheet.cssRules.length)];
    for (const [name, value] of Object.entries(values)) style.setProperty(name, value);
  };

  /** The three numbers of a colour, or null where it is seen through or not plain. */
  const numbers = (colour) => {
    const found = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
    return found && found.slice(1).map(Number);
  };

  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };

  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((n) => (n / 255 <= 0.04045 ? n / 3294.6 : ((n / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  /** Whether an element's words stand out as WCAG asks (4.5 to 1), or nobody can tell. */
  const readable = (element) => {
    const both = [getComputedStyle(element).color, behind(element)].map(numbers);
    if (both.includes(null)) return true;
    const [dark, light] = both.map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05) >= 4.5;
  };

  // ------------------------------------------------------------------ elements

  class CountersignElement extends HTMLElement {
    #source = null;
    // The HTML that is shown; null while the way out is.
    #shown = null;
    // The address of what is shown, or the subject that the way out is for; null as long
    // as nothing was touched.
    #at = null;
    // What the page itself wrote here, and the subject of that.
    #fallback = [];
    #speaksOf = "";
    #waiting = false;

    connectedCallback() {
      this.#schedule();
    }

    disconnectedCallback() {
      this.#schedule();
    }

    attributeChangedCallback(name, before, after) {
      if (before === after) return;
      if (COLOURS.includes(name)) this.#paint();
      else this.#schedule();
    }

    get origin() {
      const value = this.getAttribute("origin") ?? OURS;
      return absolute(value, undefined, WEB) && new URL(value).origin;
    }

    /** What is to be shown, however it is to look. */
    get subject() {
      return [this.origin, ...this.constructor.names.map((name) => this.getAttribute(name))].join("|");
    }

    /** After how many minutes to ask again. */
    get refresh() {
      const minutes = Number(this.getAttribute("refresh") ?? REFRESH);
      return minutes >= 1 ? Math.min(minutes, DAY / MINUTE) : REFRESH;
    }

    /** Several attributes may change at once, and what is moved leaves and comes again. */
    #schedule() {
      if (this.#waiting) return;
      this.#waiting = true;
      queueMicrotask(() => {
        this.#waiting = false;
        this.#update();
      });
    }

    #update() {
      const address = this.isConnected ? this.#address() : null;
      if (address !== this.#source?.address) {
        this.#source?.leave(this);
        this.#source = null;
        if (address) {
          this.#source = Source.join(address, this);
          if (this.#source.asking) this.setAttribute("aria-busy", "true");
        }
      }
      if (!this.isConnected) return;
      adopt(this.getRootNode());
      if (!address) this.#fallBack();
      else if (this.#source.usable || !this.#source.asking) parsed.then(() => this.show());
    }

    #address() {
      const { origin } = this;
      if (!origin) {
        warn(this, "origin is missing or no web address. Write one like “https://localoffer.example”.");
        return null;
      }
      const path = this.path();
      if (!path) return null;
      const url = new URL(path, origin);
      const heading = this.getAttribute("heading") ?? "2";
      if (/^[2-6]$/.test(heading)) {
        if (heading !== "2") url.searchParams.set("heading", heading);
      } else warn(this, `heading="${heading}" is none of 2, 3, 4, 5, 6. 2 is taken.`);
      return url.href;
    }

    /** Called by its source: the answer came, or came not. */
    show() {
      if (!this.#source) return;
      this.removeAttribute("aria-busy");
      if (!this.#source.usable) this.#fallBack();
      else if (this.#shown !== this.#source.html) this.#render();
    }

    #render() {
      const { html, article, origin, address } = this.#source;
      const fresh = copy(article, origin);
      const nodes = [fresh];
      if (this.#shown !== null && this.#at === address && !document.hidden) nodes.unshift(this.#notice());
      if (this.#at === null) {
        this.#fallback = [...this.childNodes];
        this.#speaksOf = this.subject;
      }
      this.#replace(nodes, fresh);
      this.#shown = html;
      this.#at = address;
      this.#paint();
    }

    #fallBack() {
      const { origin, subject } = this;
      this.removeAttribute("aria-busy");
      if (this.#at === null ? this.childNodes.length : this.#shown === null && this.#at === subject) return;
      const own = this.#speaksOf === subject ? this.#fallback : [];
      const nodes = own.length || !origin ? own : [this.#link(origin)];
      this.#replace(nodes, nodes.find((one) => one.localName === "a") ?? this);
      this.#shown = null;
      this.#at = subject;
    }

    #link(origin) {
      const link = document.createElement("a");
      link.lang = "en";
      link.href = origin + this.permalink();
      link.textContent = `Read this at ${new URL(origin).host}`;
      return link;
    }

    /** Put ``nodes`` in the place of what stands here. Whoever was in it stays in it. */
    #replace(nodes, first) {
      const { activeElement } = this.getRootNode();
      const was = activeElement !== this && this.contains(activeElement) ? activeElement : null;
      this.replaceChildren(...nodes);
      if (!was) return;
      const same = this.#shown !== null && [...this.querySelectorAll("a")].find((one) => one.href === was.href);
      const next = same || first;
      if (next.localName !== "a") next.tabIndex = -1;
      next.focus({ preventScroll: true });
    }

    /** Tell who is reading that this is no longer what it was. */
    #notice() {
      const notice = document.createElement("p");
      notice.className = "countersign-changed";
      notice.lang = "en";
      notice.setAttribute("role", "status");
      // A screen reader has to know of the place before words come into it.
      setTimeout(() => notice.append(CHANGED), 200);
      return notice;
    }

    #paint() {
      const article = this.querySelector(".countersign");
      if (this.#shown === null || !article) return;
      article.className = article.className.replace(/ *countersign-look-\d+/g, "");
      const name = look(this);
      if (!name) return;
      article.classList.add(name);
      if ([article, ...article.querySelectorAll("h2, h3, h4, h5, h6, a")].every(readable)) return;
      article.classList.remove(name);
      warn(this, "these colours are too close to each other to be read. The page’s own are taken.");
    }
  }

  const SHARED = ["heading", "origin", "refresh", ...COLOURS];

  customElements.define(
    "countersign-item",
    class extends CountersignElement {
      static names = ["content-id"];
      static observedAttributes = [...this.names, ...SHARED];

      get #id() {
        const id = this.getAttribute("content-id")?.trim() ?? "";
        return UUID.test(id) ? id.toLowerCase() : "";
      }

      path() {
        if (this.#id) return `/fragments/${this.#id}.html`;
        warn(this, "content-id is missing or not one of ours. Copy it from “Use this on your website”.");
        return null;
      }

      permalink() {
        return this.#id && `/items/${this.#id}`;
      }
    },
  );

  customElements.define(
    "countersign-list",
    class extends CountersignElement {
      static names = ["kind", "area", "topic"];
      static observedAttributes = [...this.names, "limit", ...SHARED];

      path() {
        const parts = this.constructor.names.map((name) => this.getAttribute(name)?.trim() ?? "");
        const wrong = parts.find((one) => one && !SLUG.test(one));
        if (wrong) {
          warn(this, `“${wrong}” is no kind, area or topic. Copy it from “Use this on your website”.`);
          return null;
        }
        const [kind, area, topic] = parts;
        const path = `/fragments/${kind || "all"}${area && `/${area}`}${topic && `/topic/${topic}`}.html`;
        const limit = this.getAttribute("limit") ?? "";
        if (!limit) return path;
        if (/^([1-9]|[1-4]\d|50)$/.test(limit)) return `${path}?limit=${limit}`;
        warn(this, `limit="${limit}" is no number from 1 to 50. The usual number is shown.`);
        return path;
      }

      permalink() {
        return "";
      }
    },
  );
})();
