// Improvements only: every page works without this file.
"use strict";

(() => {
  const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

  // A form is sent once, however often its button is pressed. Coming back to the page opens it again.
  const sendOnce = (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    each("button[type=submit], button:not([type])", (button) => button.setAttribute("aria-disabled", "true"), form);
  };
  const reopen = () =>
    each("form[data-sent]", (form) => {
      delete form.dataset.sent;
      each("[aria-disabled]", (button) => button.removeAttribute("aria-disabled"), form);
    });

  // What a button asks before it acts.
  const confirmFirst = (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!question || form.dataset.confirmed) return;
    event.preventDefault();
    const template = document.getElementById("confirm-dialog");
    const dialog = template.content.firstElementChild.cloneNode(true);
    dialog.querySelector("[data-question]").textContent = question;
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      const agreed = dialog.returnValue === "yes";
      dialog.remove();
      if (!agreed) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    });
    dialog.showModal();
  };

  // A link to a small page opens it as a dialog; if anything is odd, the page itself opens.
  const openDialog = async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    try {
      const response = await fetch(link.href, { headers: { accept: "text/html" } });
      const content = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
      if (!response.ok || response.redirected || !content) throw new Error("not a dialog");
      const dialog = document.createElement("dialog");
      dialog.className = "dialog stack";
      dialog.setAttribute("aria-label", link.textContent.trim());
      dialog.append(...[...content.children].filter((child) => !child.matches(".crumbs, .toast")));
      each("a[data-cancel]", (cancel) => cancel.addEventListener("click", (click) => {
        click.preventDefault();
        dialog.close();
      }), dialog);
      dialog.addEventListener("close", () => dialog.remove());
      document.body.append(dialog);
      dialog.showModal();
    } catch {
      location.assign(link.href);
    }
  };

  // Filters apply themselves: a choice at once, typing after a pause; empty fields stay out of the address.
  const watchFilters = (form) => {
    let pause;
    const send = () => form.requestSubmit();
    form.addEventListener("change", (event) => event.target.matches("select, [type=checkbox], [type=radio]") && send());
    form.addEventListener("input", (event) => {
      if (!event.target.matches("[type=search]")) return;
      clearTimeout(pause);
      pause = setTimeout(send, 600);
    });
    form.addEventListener("formdata", (event) => {
      for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
    });
  };

  // The reader's own time beside the tenant's, where they differ.
  const localTime = (time) => {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone === document.documentElement.dataset.zone) return;
    const text = moment.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    time.title = `${time.title} · ${text} (${zone})`;
  };

  document.addEventListener("submit", confirmFirst);
  document.addEventListener("submit", sendOnce);
  document.addEventListener("click", openDialog);
  window.addEventListener("pageshow", reopen);
  each("form[data-filters]", watchFilters);
  // On a narrow screen the entry of this page may lie past the edge of its band.
  each(".site-nav [aria-current], .tabs [aria-current]", (link) => link.scrollIntoView({ block: "nearest", inline: "center" }));
  each("time[datetime]", localTime);
  each("[data-dismiss]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => button.parentElement.remove());
  });
  // After a refusal the summary is what matters first.
  document.querySelector(".error-summary")?.focus();
})();
