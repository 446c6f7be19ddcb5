// Looks at the page as it is shown now and returns what is wrong with it, a sentence each.
// Called as a function's body, with the language that the page must have, and whether to go through it with the keyboard.
"use strict";

const [language, byKeyboard] = arguments;
const found = [];
const root = document.documentElement;
const LARGE_PX = 24;
const LARGE_BOLD_PX = 18.66;
const TARGET_PX = 24;

const name = (element) => {
  const id = element.getAttribute("id");
  const mark = id ? `#${id}` : element.classList.length ? `.${element.classList[0]}` : "";
  const text = String(element.innerText || element.value || element.getAttribute("aria-label") || "");
  return `<${element.localName}${mark}> ${JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 40))}`;
};
const shown = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
};
// Kept for whoever listens, out of sight: clipped to a point, or waiting above the page for the focus.
const unseen = (element) => element.closest(".hidden-text, .skip:not(:focus)") !== null;

// Colours: through a canvas, which knows every way of writing one.
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const known = new Map();
const rgba = (text) => {
  if (!known.has(text)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    known.set(text, { channels: [red, green, blue], alpha: alpha / 255 });
  }
  return known.get(text);
};
const over = (upper, lower) => upper.channels.map((one, at) => one * upper.alpha + lower[at] * (1 - upper.alpha));
const grounds = new Map();
const ground = (element) => {
  if (!element) return [255, 255, 255];
  if (!grounds.has(element)) {
    const own = rgba(getComputedStyle(element).backgroundColor);
    grounds.set(element, own.alpha === 1 ? own.channels : over(own, ground(element.parentElement)));
  }
  return grounds.get(element);
};
const luminance = (channels) => {
  const [red, green, blue] = channels.map((one) => {
    const part = one / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((left, right) => left - right);
  return (light + 0.05) / (dark + 0.05);
};

// The document never scrolls sideways; what is wide scrolls in a frame of its own.
if (root.scrollWidth > root.clientWidth) {
  const framed = (element) => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      if (getComputedStyle(one).overflowX !== "visible") return true;
    }
    return false;
  };
  // A box that is too wide, or one whose words do not break.
  const end = (element) => element.getBoundingClientRect().left + Math.max(element.offsetWidth, element.scrollWidth);
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => shown(element) && end(element) > root.clientWidth + 0.5 && !framed(element),
  );
  const names = wide.slice(-3).map(name).join(", ");
  found.push(`is ${root.scrollWidth} px wide where ${root.clientWidth} are shown: ${names}`);
}

// Targets (WCAG 2.5.8): of 24 by 24 px, or with that much room around, or part of a sentence.
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
const controls = [...document.querySelectorAll(CONTROLS)].filter((element) => shown(element) && !unseen(element));
const inSentence = (element) =>
  getComputedStyle(element).display === "inline" &&
  [...element.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
const box = (element) => {
  // A label is part of its control's target.
  const label = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") : null;
  return (label ?? element).getBoundingClientRect();
};
const targets = controls.map((element) => ({ element, box: box(element) }));
const small = targets.filter(({ element, box: { width, height } }) =>
  (width < TARGET_PX - 0.01 || height < TARGET_PX - 0.01) && !inSentence(element));
const middle = ({ left, top, width, height }) => ({ x: left + width / 2, y: top + height / 2 });
const distance = ({ x, y }, { left, right, top, bottom }) =>
  Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
for (const one of small) {
  const point = middle(one.box);
  const close = targets.some((other) => other.element !== one.element && distance(point, other.box) < TARGET_PX / 2)
    || small.some((other) => {
      const { x, y } = middle(other.box);
      return other.element !== one.element && Math.hypot(x - point.x, y - point.y) < TARGET_PX;
    });
  if (close) found.push(`${name(one.element)} is a target of ${one.box.width.toFixed(1)} x ${one.box.height.toFixed(1)} px`);
}

// Text against what lies behind it.
const readable = (element, style, colour) => {
  let alpha = 1;
  for (let one = element; one; one = one.parentElement) alpha *= Number(getComputedStyle(one).opacity);
  const behind = ground(element);
  const text = rgba(colour);
  const ratio = contrast(over({ channels: text.channels, alpha: text.alpha * alpha }, behind), behind);
  const size = parseFloat(style.fontSize);
  const large = size >= LARGE_PX || (size >= LARGE_BOLD_PX && Number(style.fontWeight) >= 700);
  // A bar is no text, but has to be told from its track.
  if (ratio < (large || element.matches("progress") ? 3 : 4.5)) found.push(`${name(element)} has a contrast of ${ratio.toFixed(2)}: ${colour}`);
};
const looked = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  const skip = looked.has(element) || texts.currentNode.textContent.trim() === "" || element.closest("option, script, template");
  if (skip || !shown(element) || unseen(element) || element.closest(":disabled, [aria-disabled=true]")) continue;
  looked.add(element);
  const style = getComputedStyle(element);
  readable(element, style, style.color);
}
for (const element of controls.filter((one) => one.matches("input, select, textarea"))) {
  readable(element, getComputedStyle(element), getComputedStyle(element).color);
  if (element.placeholder) readable(element, getComputedStyle(element), getComputedStyle(element, "::placeholder").color);
}

// Names: every field has a label, every control something to be called, every reference its object.
const named = (element) => {
  const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
  const spoken = [element.getAttribute("aria-label"), element.textContent, ...ids.map((id) => document.getElementById(id)?.textContent)];
  const pictures = [...element.querySelectorAll("img[alt]")].map((image) => image.alt);
  return [...spoken, ...pictures].some((text) => text?.trim());
};
for (const element of controls) {
  const labelled = element.matches("input, select, textarea")
    ? [...element.labels].some((label) => label.textContent.trim()) || element.getAttribute("aria-label")?.trim()
    : named(element);
  if (!labelled) found.push(`${name(element)} has no name`);
}
for (const element of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
  const ids = `${element.getAttribute("aria-describedby") ?? ""} ${element.getAttribute("aria-labelledby") ?? ""}`;
  for (const id of ids.split(" ").filter(Boolean)) {
    if (!document.getElementById(id)) found.push(`${name(element)} refers to #${id}, which is not there`);
  }
}
const ids = [...document.querySelectorAll("[id]")].map((element) => element.getAttribute("id"));
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`#${id} is there more than once`);
for (const image of document.querySelectorAll("img:not([alt])")) found.push(`${name(image)} has no alternative text`);

// The page itself.
const heads = [...document.querySelectorAll("h1")].filter(shown);
if (heads.length !== 1) found.push(`has ${heads.length} h1`);
const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(shown).map((one) => Number(one.localName[1]));
levels.forEach((level, at) => {
  if (at > 0 && level > levels[at - 1] + 1) found.push(`goes from h${levels[at - 1]} to h${level}`);
});
if (root.lang !== language) found.push(`is in "${root.lang}", not in "${language}"`);
if (!document.title.trim()) found.push("has no title");
if (document.querySelectorAll("main").length !== 1) found.push("has not one main part");

// Focus: a ring that differs from what is around it, on everything that the keyboard reaches.
const before = document.activeElement;
for (const element of byKeyboard ? controls.filter((one) => !one.matches(":disabled")) : []) {
  element.focus({ preventScroll: true, focusVisible: true });
  const style = getComputedStyle(element);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = parseFloat(style.outlineOffset) < 0;
  const around = ground(inside ? element : element.parentElement);
  if (document.activeElement !== element) found.push(`${name(element)} takes no focus`);
  else if (!ring || contrast(over(rgba(style.outlineColor), around), around) < 3) found.push(`${name(element)} shows no focus`);
}
before?.focus?.({ preventScroll: true });
if (before === document.body) document.activeElement.blur();

return found;
