// Pages that must work where there is no network: tickets, and check-in at the pier. The worker
// `/sw.js` keeps them; it keeps nothing else.
"use strict";

(function () {
  var page = document.querySelector("[data-offline]");
  if (!page || !("serviceWorker" in navigator)) { return; }
  function files() {
    var found = [];
    document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]").forEach(function (one) {
      found.push(one.href || one.src);
    });
    if (page.getAttribute("data-decoder")) { found.push(page.getAttribute("data-decoder")); }
    return found;
  }
  navigator.serviceWorker.addEventListener("message", function (event) {
    if (event.data && event.data.kept) {
      document.querySelectorAll("[data-offline-ready]").forEach(function (one) { one.classList.remove("hidden"); });
    }
  });
  navigator.serviceWorker.register("/sw.js").then(function () {
    return navigator.serviceWorker.ready;
  }).then(function (registration) {
    registration.active.postMessage({ keep: location.pathname + location.search, files: files() });
  }).catch(function () { /* the page works, only not without network */ });
})();
