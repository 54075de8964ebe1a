// The one script of the pages. Every page also works without it.
"use strict";

// The QR page: told by the server when the checkout changes; after a lost connection the browser
// comes back by itself, and without EventSource the page is asked again every few seconds.
(function () {
  var pay = document.querySelector("[data-checkout-events]");
  function differs(next, name) { return next.getAttribute(name) !== pay.getAttribute(name); }
  if (!pay || pay.getAttribute("data-status") !== (pay.getAttribute("data-waits") || "AWAITING_PAYMENT")) { return; }
  var waits = pay.getAttribute("data-status");
  function show() {
    fetch(location.href, { headers: { "x-fragment": "1" }, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (page) {
        if (!page) { return; }
        var next = new DOMParser().parseFromString(page, "text/html").querySelector("[data-checkout-events]");
        // Another status, another end, or another part of the money came.
        if (next && ["data-status", "data-until", "data-part"].some(function (name) { return differs(next, name); })) {
          pay.replaceWith(next);
          pay = next;
          next.setAttribute("tabindex", "-1");
          next.focus();
        }
      })
      .catch(function () { /* the next event or the next poll asks again */ });
  }
  if (window.EventSource) {
    var events = new EventSource(pay.getAttribute("data-checkout-events"));
    var told = false;
    events.addEventListener("status", function (event) {
      var same = event.data === pay.getAttribute("data-status");
      if (event.data === "STARTING" || (same && !told)) { told = true; return; }
      // The same status again: some of the money came, or there is more time.
      if (!same) { events.close(); }
      show();
    });
  } else {
    var timer = setInterval(function () {
      if (!document.contains(pay) || pay.getAttribute("data-status") !== waits) { clearInterval(timer); return; }
      show();
    }, 4000);
  }
})();

// A form that came back: what is wrong is read first, and leads to its fields.
(function () {
  var problems = document.querySelector("[data-problems]");
  if (!problems) { return; }
  problems.focus();
  problems.addEventListener("click", function (event) {
    var link = event.target.closest("a");
    var field = link && document.querySelector('[aria-describedby~="' + link.getAttribute("href").slice(1) + '"]');
    if (!field) { return; }
    event.preventDefault();
    var folded = field.closest("details");
    if (folded) { folded.open = true; }
    field.focus();
  });
})();

// The till's keypad. Without this script the field itself is typed into.
(function () {
  var keypad = document.querySelector("[data-keypad]");
  var field = document.querySelector("[data-amount-field]");
  if (!keypad || !field) { return; }
  keypad.classList.remove("hidden");
  function show(digits) {
    digits = digits.replace(/[^0-9]/g, "").replace(/^0+/, "").slice(0, 9);
    field.value = digits.replace(/\B(?=(\d{3})+$)/g, ".");
  }
  field.addEventListener("input", function () { show(field.value); });
  keypad.addEventListener("click", function (event) {
    var key = event.target.getAttribute("data-key");
    if (!key) { return; }
    show(key === "back" ? field.value.replace(/\D/g, "").slice(0, -1) : field.value + key);
  });
})();

// "Copy" buttons beside what people type into a banking app.
document.addEventListener("click", function (event) {
  var button = event.target.closest("[data-copy]");
  if (button && navigator.clipboard) {
    navigator.clipboard.writeText(button.getAttribute("data-copy"));
    button.textContent = "✓";
  }
});

// "Print" buttons: tickets, and who is expected on a departure.
document.addEventListener("click", function (event) {
  if (event.target.closest("[data-print]")) { window.print(); }
});

// The sandbox bank: acts as a banking app. Only on markets without real money.
document.addEventListener("submit", function (event) {
  var form = event.target.closest("[data-sandbox]");
  if (!form) { return; }
  event.preventDefault();
  form.querySelector("button").disabled = true;
  fetch("/sandbox/bank/transfers", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ payload: form.getAttribute("data-sandbox"), payer: "KHACH THU NGHIEM" })
  });
});

// A form is sent once, however often it is tapped.
document.addEventListener("submit", function (event) {
  var form = event.target;
  if (form.method !== "post" || event.defaultPrevented) { return; }
  if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
  form.setAttribute("data-sent", "1");
  setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
});

// Who signs out, or deletes their account, leaves no ticket on this device.
document.addEventListener("submit", function (event) {
  var leaves = ["/sign-out", "/my-data/delete"].indexOf(event.target.getAttribute("action")) >= 0;
  if (leaves && window.caches) { caches.delete("chonoi-pier-1"); }
});
